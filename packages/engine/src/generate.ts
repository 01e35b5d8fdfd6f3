import { type CommittedToken, type DecodeFinished, decode } from "@adaedl/core";
import { createTextStream, type GenerationDefaults, type ModelTokenizer } from "@adaedl/model";
import type { ModelThread } from "@adaedl/runtime";
import { openDraftSession } from "./draft-engine.ts";
import { type GenerationRequest, parseGenerationRequest } from "./generation-request.ts";
import { openTargetSession } from "./target-engine.ts";

/** The last event of a generation. */
export interface GenerationFinished extends DecodeFinished {
  readonly numTargetForwards: number;
  readonly numDraftForwards: number;
}

export type GenerationEvent = CommittedToken | GenerationFinished;

export interface GenerationParts {
  readonly target: ModelThread;
  readonly draft: ModelThread | undefined;
  readonly tokenizer: ModelTokenizer;
  readonly defaults: GenerationDefaults;
}

/** One request from check to last token, on sessions of its own that are closed in any case. */
export async function* generate(
  parts: GenerationParts,
  request: GenerationRequest,
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent> {
  const { target, draft, tokenizer, defaults } = parts;
  const { vocabSize, contextLength } = target.info;
  const valid = parseGenerationRequest(request, {
    vocabSize,
    contextLength,
    defaultSampling: defaults.sampling,
  });
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
      contextLength,
      maxDraftLength: valid.maxDraft,
      stopTokenIds: new Set(valid.ignoreEos ? [] : defaults.eosTokenIds),
      stopStrings: valid.stop,
    },
    {
      drafter,
      verifier,
      policy,
      textStream: createTextStream(tokenizer, { promptTokenIds }),
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
