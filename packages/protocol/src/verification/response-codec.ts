import {
  AdaedlError,
  type Commit,
  invalidField,
  longestDraftLength,
  maxSuccessors,
  maxTopLogprobs,
  type StepFacts,
  type TargetFinish,
  type TokenLogprob,
} from "@adaedl/core";
import type {
  Commit as WireCommit,
  Commit__Output as WireCommitOutput,
} from "../gen/adaedl/v2/Commit.ts";
import type { FinishedReason as WireReason } from "../gen/adaedl/v2/FinishedReason.ts";
import type { TopLogprobs__Output as WireTopLogprobs } from "../gen/adaedl/v2/TopLogprobs.ts";
import type {
  VerifyResponse as WireResponse,
  VerifyResponse__Output as WireResponseOutput,
} from "../gen/adaedl/v2/VerifyResponse.ts";
import { nameOf } from "../wire-fields.ts";
import { maxCommittedTokens, numericsForm, numericsRule } from "./limits.ts";
import type { VerifyResponse } from "./messages.ts";

const wireReasons: Readonly<Record<TargetFinish, WireReason>> = {
  stop: "FINISHED_REASON_STOP",
  length: "FINISHED_REASON_LENGTH",
  cancelled: "FINISHED_REASON_CANCELLED",
};

export function encodeVerifyResponse(message: VerifyResponse): WireResponse {
  switch (message.type) {
    case "opened": {
      const { type: _, numerics = "", ...opened } = message;
      return { opened: { ...opened, numerics } };
    }
    case "commit":
      return { commit: encodeCommit(message.commit, message.facts) };
    case "finished":
      return { finished: { reason: wireReasons[message.reason] } };
    case "progress":
      return { progress: {} };
  }
}

function encodeCommit(commit: Commit, facts: StepFacts): WireCommit {
  return {
    ...commit,
    ...facts,
    numVerifierDrafted: commit.numVerifierDrafted ?? 0,
    successors: commit.successors?.flat() ?? [],
    tokenIds: [...commit.tokenIds],
    logprobs: [...facts.logprobs],
    topLogprobs: facts.topLogprobs.map((top) => ({
      tokenIds: top.map(({ tokenId }) => tokenId),
      logprobs: top.map(({ logprob }) => logprob),
    })),
  };
}

/**
 * Checks sizes and forms; whether a commit fits the text is for the edge's stream to find.
 * @throws AdaedlError `internal` naming the field as verification.proto does, or for a message that this
 *   version does not know
 */
export function decodeVerifyResponse(wire: WireResponseOutput): VerifyResponse {
  const { opened, commit, finished, progress } = wire;
  if (opened) {
    checkTimes("opened", opened);
    const { queueMs, verifyMs, numForwards, numerics } = opened;
    if (!numericsForm.test(numerics)) throw brokenField("opened.numerics", numerics, numericsRule);
    const known = numerics === "" ? {} : { numerics };
    return { type: "opened", queueMs, verifyMs, numForwards, ...known };
  }
  if (commit) return decodeCommit(commit);
  if (finished) return { type: "finished", reason: decodeReason(finished.reason) };
  if (progress) return { type: "progress" };
  throw new AdaedlError("internal", "unknown message type from the verifier (newer peer?)");
}

/** A reason of a newer version counts as cancelled: the edge knows itself whether the text is over. */
function decodeReason(wire: WireReason | number): TargetFinish {
  return nameOf(wireReasons, wire) ?? "cancelled";
}

function decodeCommit(wire: WireCommitOutput): VerifyResponse {
  const { position, tokenIds, numJudged, numAccepted, queueMs, verifyMs, batchSize } = wire;
  const { logprobs, topLogprobs, numVerifierDrafted, successors } = wire;
  if (tokenIds.length < 1 || tokenIds.length > maxCommittedTokens)
    throw brokenField(
      "commit.token_ids",
      `${tokenIds.length} ids`,
      `must be 1 to ${maxCommittedTokens} ids`,
    );
  if (numJudged > longestDraftLength)
    throw brokenField("commit.num_judged", numJudged, `must be at most ${longestDraftLength}`);
  if (numAccepted > numJudged)
    throw brokenField(
      "commit.num_accepted",
      numAccepted,
      `must be at most num_judged (${numJudged})`,
    );
  if (numVerifierDrafted > numJudged)
    throw brokenField(
      "commit.num_verifier_drafted",
      numVerifierDrafted,
      `must be at most num_judged (${numJudged})`,
    );
  checkTimes("commit", wire);
  if (batchSize < 1) throw brokenField("commit.batch_size", batchSize, "must be 1 or more");
  for (const [name, list] of Object.entries({ logprobs, top_logprobs: topLogprobs }))
    if (list.length !== 0 && list.length !== tokenIds.length)
      throw brokenField(
        `commit.${name}`,
        list.length,
        `must be 0 or one for each token (${tokenIds.length})`,
      );
  checkLogprobs("commit.logprobs", logprobs);
  const facts: StepFacts = {
    queueMs,
    verifyMs,
    batchSize,
    logprobs,
    topLogprobs: topLogprobs.map((top, index) => decodeTop(top, `commit.top_logprobs[${index}]`)),
  };
  const commit: Commit = {
    ...{ position, tokenIds, numJudged, numAccepted },
    ...(numVerifierDrafted > 0 ? { numVerifierDrafted } : {}),
    ...(successors.length > 0 ? { successors: decodeSuccessors(successors, tokenIds.length) } : {}),
  };
  return { type: "commit", commit, facts };
}

/** As many for each of the tokens. */
function decodeSuccessors(ids: readonly number[], numTokens: number): number[][] {
  const ofEach = ids.length / numTokens;
  if (!Number.isInteger(ofEach) || ofEach > maxSuccessors)
    throw brokenField(
      "commit.successors",
      `${ids.length} ids`,
      `must be 0 to ${maxSuccessors} ids for each token (${numTokens})`,
    );
  return Array.from({ length: numTokens }, (_, index) =>
    ids.slice(index * ofEach, (index + 1) * ofEach),
  );
}

function decodeTop({ tokenIds, logprobs }: WireTopLogprobs, field: string): TokenLogprob[] {
  if (tokenIds.length > maxTopLogprobs)
    throw brokenField(
      `${field}.token_ids`,
      `${tokenIds.length} ids`,
      `must be at most ${maxTopLogprobs} ids`,
    );
  if (logprobs.length !== tokenIds.length)
    throw brokenField(
      `${field}.logprobs`,
      logprobs.length,
      `must be as many as there are ids (${tokenIds.length})`,
    );
  checkLogprobs(`${field}.logprobs`, logprobs);
  return tokenIds.map((tokenId, index) => ({ tokenId, logprob: logprobs[index] as number }));
}

/** Rounding may leave the logarithm of a sum of probabilities this far above 0. */
const logprobTolerance = 1e-3;
/** No step takes a year; sums of such times stay finite. */
const maxMs = 365 * 24 * 3_600_000;

function checkLogprobs(field: string, logprobs: readonly number[]): void {
  const bad = logprobs.findIndex((logprob) => !(logprob <= logprobTolerance));
  if (bad >= 0) throw brokenField(`${field}[${bad}]`, logprobs[bad], "must be a log-probability");
}

function checkTimes(
  message: string,
  wire: { readonly queueMs: number; readonly verifyMs: number },
) {
  for (const [name, ms] of Object.entries({ queue_ms: wire.queueMs, verify_ms: wire.verifyMs }))
    if (!(ms >= 0 && ms <= maxMs))
      throw brokenField(`${message}.${name}`, ms, "must be milliseconds, 0 or more");
}

/** The verifier's fault, and so not `invalid_argument`, which is the caller's. */
function brokenField(field: string, value: unknown, rule: string): AdaedlError {
  const { message } = invalidField(field, value, rule);
  return new AdaedlError("internal", `from the verifier: ${message}`, { field, value });
}
