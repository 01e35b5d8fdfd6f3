import type { RedisHub } from "./redis-hub.ts";

/**
 * What Redis does when its memory is full: `noeviction` is the only policy under which no session that
 * waits is thrown away silently. Undefined where Redis does not say.
 */
export async function readMemoryPolicy(hub: RedisHub): Promise<string | undefined> {
  try {
    const info = await hub.connection.info("memory");
    return /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  } catch {
    return undefined; // some hosted ones forbid the question
  }
}
