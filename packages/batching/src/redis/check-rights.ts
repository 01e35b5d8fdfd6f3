import { setTimeout as sleep } from "node:timers/promises";
import type { AdaedlError } from "@adaedl/core";
import { addresses } from "./channel-messages.ts";
import type { Connection } from "./connect.ts";
import type { Reachability } from "./reachability.ts";
import { isDenied, missingRights, type RedisPlace, redisErrorOf } from "./redis-error.ts";

/**
 * What the scripts of BullMQ that are used here run on a key, each with arguments that change nothing
 * but that key. A test compares the list with the scripts of the version that is installed.
 */
export const scriptedCommands: readonly (readonly string[])[] = [
  "del, exists, get, incr, persist, pttl, pexpire 1, set 1 PX 1",
  "hdel f, hexists f, hget f, hgetall, hincrby f 1, hmget f, hmset f 1, hset f 1",
  "lindex 0, llen, lpos e, lpush e, lrange 0 1, lrem 0 e, ltrim 0 1, rpop, rpush e",
  "sadd m, scard, smembers, srem m, xadd MAXLEN 1 * f 1, xtrim MAXLEN 1",
  "zadd 1 m, zcard, zcount 0 1, zpopmin, zrange 0 1, zrangebyscore 0 1, zrem m, zremrangebyrank 0 1",
  "zremrangebyscore 0 1, zrevrange 0 1, zrevrangebyscore 1 0, zscore m",
].flatMap((commands) => commands.split(", ").map((command) => command.split(" ")));

const retryMs = 100;

/**
 * Runs each of them on its own key and removes what it made.
 * @returns the name and the error of those that fail
 */
const probe = `
local failed = {}
local function try(name, ...)
  local reply = redis.pcall(name, ...)
  if type(reply) == "table" and reply.err then
    failed[#failed + 1] = name
    failed[#failed + 1] = reply.err
  end
end
for _, command in ipairs(cjson.decode(ARGV[1])) do
  redis.pcall("del", KEYS[1])
  try(command[1], KEYS[1], unpack(command, 2))
end
redis.pcall("del", KEYS[1])
try("rpoplpush", KEYS[1], KEYS[1])
return failed
`;

export interface RightsCheck {
  /** Of this process. */
  readonly id: string;
  readonly place: RedisPlace;
  /** Called when Redis could not run the commands, as a replica cannot; they are tried again. */
  onRetry(error: AdaedlError): void;
}

/**
 * Tries every kind of command that sessions will need, so that missing rights of the Redis user are
 * reported when a process starts, and not by sessions that fail. Leaves nothing behind.
 * @throws AdaedlError `internal`, naming command, key or channel, and the rights that are needed
 */
export async function checkRights(
  connection: Connection,
  reachability: Pick<Reachability, "whenReady">,
  { id, place, onRetry }: RightsCheck,
  signal?: AbortSignal,
): Promise<void> {
  while (!signal?.aborted) {
    await reachability.whenReady();
    try {
      await tryCommands(connection, id, place);
      return;
    } catch (error) {
      const ours = redisErrorOf(error, place);
      if (ours.code === "internal") throw ours;
      onRetry(ours);
      await sleep(retryMs);
    }
  }
}

async function tryCommands(connection: Connection, id: string, place: RedisPlace): Promise<void> {
  const { namespace } = place;
  const key = `{adaedl-${namespace}}:rights:${id}`;
  const { worker, ingress, workers, ingresses } = addresses;
  for (const address of [workers, ingresses, worker(id), ingress(id)])
    await connection.publish(`adaedl:${namespace}:${address}`, ""); // no messages
  await connection.evalsha("0".repeat(40), 1, key).catch((error: Error) => {
    if (!error.message.startsWith("NOSCRIPT")) throw error;
  });
  const failed = await connection.eval(probe, 1, key, JSON.stringify(scriptedCommands));
  const missing = deniedOf(failed as string[]);
  const [first] = missing.values();
  if (first !== undefined) {
    const names = [...missing.keys()].map((name) => name.toUpperCase()).join(", ");
    throw missingRights(`${names} on ${key}`, first, place);
  }
  await connection.bzpopmin(key, 0.001);
}

/** The error of each command that Redis denied; other errors are not about rights. */
function deniedOf(failed: readonly string[]): Map<string, string> {
  const denied = new Map<string, string>();
  for (let index = 0; index + 1 < failed.length; index += 2) {
    const [name = "", message = ""] = failed.slice(index, index + 2);
    if (isDenied(new Error(message))) denied.set(name, message);
  }
  return denied;
}
