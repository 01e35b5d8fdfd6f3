import { AdaedlError } from "@adaedl/core";
import type { RedisTarget } from "./redis-url.ts";

/** A command that a Redis user may not run: by itself, or inside of a script (6.2 and 7.0, 7.2). */
const denied = /^NOPERM\b|The user executing the script can't|ACL failure in script/;
const retryAfterMs = 500;

/** Where commands are sent. */
export interface RedisPlace {
  readonly target: Pick<RedisTarget, "username">;
  readonly namespace: string;
}

/** A failed command, as ioredis knows it. */
interface CommandError extends Error {
  readonly command?: { readonly name?: string; readonly args?: readonly unknown[] };
}

/**
 * What a failed command means: `resource_exhausted` when Redis is full, `internal` when its user may not
 * run it (an outage would be waited for, and missing rights do not come back), else `unavailable`.
 */
export function redisErrorOf(thrown: unknown, place: RedisPlace): AdaedlError {
  if (thrown instanceof AdaedlError) return thrown;
  const error = thrown as CommandError;
  if (isDenied(error)) return missingRights(commandOf(error), error.message, place, error);
  // Redis is at `maxmemory`; what runs goes on.
  if (error.message.includes("OOM"))
    return new AdaedlError("resource_exhausted", `Redis takes no new sessions: ${error.message}`, {
      field: "queue",
      retryAfterMs,
    });
  return new AdaedlError("unavailable", `Redis cannot be reached: ${error.message}`);
}

/** A denied command is soon denied again. */
const reportEveryMs = 10_000;

/**
 * `redisErrorOf` for one place while sessions run. Clients see these errors: that a command was denied
 * is reported in full, and returned without the words of Redis.
 */
export function createErrorOf(
  place: RedisPlace,
  onDenied: (error: AdaedlError) => void,
): (thrown: unknown) => AdaedlError {
  let reportedAt = Number.NEGATIVE_INFINITY;
  return (thrown) => {
    const error = redisErrorOf(thrown, place);
    if (error.code !== "internal") return error;
    if (performance.now() - reportedAt > reportEveryMs) {
      reportedAt = performance.now();
      onDenied(error);
    }
    return new AdaedlError("internal", "the verifier's Redis user lacks rights: see its log", {
      cause: error,
    });
  };
}

export function isDenied(thrown: unknown): boolean {
  return denied.test((thrown as Error).message);
}

/** @param what the command, with a key or a channel where Redis named none */
export function missingRights(
  what: string,
  reason: string,
  { target, namespace }: RedisPlace,
  cause?: unknown,
): AdaedlError {
  const user = target.username ?? "default";
  const words = reason.replace(/ script: .*$/s, "");
  return new AdaedlError(
    "internal",
    `the Redis user ${user} may not run ${what}: ${words}; it needs ${rightsOf(namespace)}`,
    { field: "redisUrl", cause },
  );
}

/** The rights that the user of a namespace needs, as rules of `ACL SETUSER`. */
export function rightsOf(namespace: string): string {
  return [
    `~{adaedl-${namespace}}:*`,
    `&adaedl:${namespace}:*`,
    ...["+@read", "+@write", "+@pubsub", "+@scripting", "+@connection", "-@dangerous", "+info"],
  ].join(" ");
}

/** "EVALSHA {adaedl-verifier}:…": with the first key, or the channel. */
function commandOf({ command }: CommandError): string {
  const { name = "a command", args = [] } = command ?? {};
  const isScript = /^eval/i.test(name);
  const about = isScript ? (Number(args[1]) > 0 ? args[2] : undefined) : args[0];
  return [name.toUpperCase(), ...(about === undefined ? [] : [String(about).slice(0, 100)])].join(
    " ",
  );
}
