import { type CommittedToken, type DecodeFinished, decode } from "@adaedl/core";
import { createTextStream } from "@adaedl/model";
import type { ModelThread } from "@adaedl/runtime";
import { openDraftSession } from "./draft-session.ts";
import { type GenerationRequest, parseGenerationRequest } from "./generation-request.ts";
import type { TargetFacts } from "./target-facts.ts";
import { openTargetSession } from "./target-session.ts";

/** The last event of a generation. */
export interface GenerationFinished extends DecodeFinished {
  readonly numTargetForwards: number;
  readonly numDraftForwards: number;
}

export type GenerationEvent = CommittedToken | GenerationFinished;

export interface GenerationParts {
  readonly target: ModelThread;
  readonly draft: ModelThread | undefined;
  readonly facts: TargetFacts;
}

/** One request from check to last token, on sessions of its own that are closed in any case. */
export async function* generate(
  parts: GenerationParts,
  request: GenerationRequest,
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { target, draft, facts } = parts;
  const valid = parseGenerationRequest(request, facts);
  const { promptTokenIds, policy, sampling, seed, verification } = valid;
  const slot = { sampling, seed, verification, numPromptTokens: promptTokenIds.length };

  await using verifier = await openTargetSession(target, slot, signal);
  const isSpeculative = Math.min(valid.maxDraft, policy.maxDraftLength) > 0;
  await using drafter =
    draft !== undefined && isSpeculative ? await openDraftSession(draft, slot, signal) : undefined;

  const events = decode(
    {
      promptTokenIds,
      maxTokens: valid.maxTokens,
      contextLength: facts.contextLength,
      maxDraftLength: valid.maxDraft,
      stopTokenIds: new Set(valid.ignoreEos ? [] : facts.eosTokenIds),
      stopStrings: valid.stop,
    },
    {
      drafter,
      verifier,
      policy,
      textStream: createTextStream(facts.tokenizer, { promptTokenIds }),
      now: () => performance.now(),
    },
    signal,
  );
  for await (const event of events) {
    if (event.type === "token") yield event;
    else {
      const numDraftForwards = drafter?.numForwards ?? 0;
      yield { ...event, numTargetForwards: verifier.numForwards, numDraftForwards };
    }
  }
}
