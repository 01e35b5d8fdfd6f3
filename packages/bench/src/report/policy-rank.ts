/** Whether a policy is one of this project, not something it is compared with. */
export function isOurs(policy: string): boolean {
  return /^(adaedl|stream)(:|$)/.test(policy);
}

/** Not a policy that an edge could run: its draft model is elsewhere, or knows what the target will accept. */
export function isOutOfReach(policy: string): boolean {
  return policy === "oracle" || policy === "beside-target";
}

/** Place of a policy in legends and tables: plain decoding, static drafts, ours, what knows more. */
export function rankOf(policy: string): number {
  if (policy === "none") return 0;
  const static_ = /^static:(?:\w+=)?(\d+)/.exec(policy);
  if (static_ !== null) return 1 + Math.min(Number(static_[1]), 900) / 1000;
  if (policy === "best-static") return 2;
  if (policy === "pearl") return 2.5;
  if (isOurs(policy)) return policy.startsWith("stream") ? 4 : 3;
  return isOutOfReach(policy) ? 6 : 5;
}

/** All policies, each once, by rank. */
export function policiesOf(items: readonly { readonly policy: string }[]): string[] {
  const policies = new Set(items.map(({ policy }) => policy));
  return [...policies].toSorted((a, b) => rankOf(a) - rankOf(b));
}
