import type { VerificationRuleName } from "../verification/rule.ts";

/** What a policy may know about the session it is made for. */
export interface PolicyContext {
  /** What earlier sessions learned; without one a session begins with nothing but its priors. */
  readonly memory?: PolicyMemory | undefined;
  readonly verification?: VerificationRuleName | undefined;
  readonly temperature?: number | undefined;
}

/** What the sessions of one service learn from each other. */
export interface PolicyMemory {
  /** What is kept under the key; made by `create` when there is nothing, or no longer. */
  recall<T>(key: string, create: () => T): T;
}

const maxEntries = 64;

/** A memory that forgets what has not been recalled for the longest time. */
export function createPolicyMemory(): PolicyMemory {
  const entries = new Map<string, unknown>();
  return {
    recall<T>(key: string, create: () => T): T {
      const entry = entries.has(key) ? (entries.get(key) as T) : create();
      entries.delete(key);
      entries.set(key, entry);
      const oldest = entries.keys().next();
      if (entries.size > maxEntries && !oldest.done) entries.delete(oldest.value);
      return entry;
    },
  };
}
