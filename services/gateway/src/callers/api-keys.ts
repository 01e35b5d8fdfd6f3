import { timingSafeEqual } from "node:crypto";
import { AdaedlError } from "@adaedl/core";
import { openTokenFile, type TokenOwner, tokenDigest } from "@adaedl/protocol";
import { type CallerLimits, noLimits, parseLimits } from "./caller-limits.ts";
import { type CallerQuota, createCallerQuota } from "./caller-quota.ts";

/** Who sends a request. */
export interface Caller {
  readonly name: string;
  readonly quota: CallerQuota;
}

/** Knows whose API keys are whose. */
export interface ApiKeys {
  /** Undefined for a key that is not known; where no keys are asked for, everybody is one caller. */
  callerOf(key: string | undefined): Caller | undefined;
}

export interface ApiKeySettings {
  /** The one key there is, without limits. */
  readonly apiKey?: string | undefined;
  /** A file with a line `NAME KEY [concurrency=8] [requests-per-minute=60] …` for each caller. */
  readonly apiKeysFile?: string | undefined;
}

/**
 * Keys from a file, the one that is given, or none. Comparing takes the same time whatever the key. A
 * changed file counts within a second; then the quotas in it begin anew.
 * @throws AdaedlError `invalid_argument` when the file cannot be read, or a line is malformed
 */
export function openApiKeys({ apiKey, apiKeysFile }: ApiKeySettings): ApiKeys {
  if (apiKeysFile !== undefined) return keysOfFile(apiKeysFile);
  const everybody = { name: "anonymous", quota: createCallerQuota("anonymous", noLimits) };
  if (apiKey === undefined) return { callerOf: () => everybody };
  if (apiKey === "")
    throw new AdaedlError("invalid_argument", "apiKey must not be empty", { field: "apiKey" });
  const digest = tokenDigest(apiKey);
  const owner = { ...everybody, name: "default" };
  return {
    callerOf: (key = "") => (timingSafeEqual(tokenDigest(key), digest) ? owner : undefined),
  };
}

function keysOfFile(file: string): ApiKeys {
  const tokens = openTokenFile(file, "apiKeysFile", parseLimits);
  /** As long as a line of the file is known by the same object. */
  const callers = new WeakMap<TokenOwner<CallerLimits>, Caller>();
  return {
    callerOf(key = "") {
      const owner = tokens.find(key);
      if (owner === undefined) return undefined;
      const { name, extra: limits } = owner;
      const caller = callers.get(owner) ?? { name, quota: createCallerQuota(name, limits) };
      callers.set(owner, caller);
      return caller;
    },
  };
}
