import type { Commit, Offer } from "@adaedl/core";

/** What an edge sends on a connection to a verifier, and what comes back. */
export type UpMessage =
  | {
      readonly type: "open";
      readonly seed: number;
      readonly tokenIds: readonly number[];
      readonly maxLength: number;
      readonly credit: number;
      readonly numSuccessors: number;
    }
  | { readonly type: "offer"; readonly offer: Offer }
  | { readonly type: "cancel" };

export type DownMessage =
  | { readonly type: "commit"; readonly commit: Commit; readonly verifyMs: number }
  | { readonly type: "finished" };
