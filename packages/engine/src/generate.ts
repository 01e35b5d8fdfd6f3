import {
  type CommittedToken,
  type DecodeFinished,
  type Drafter,
  decode,
  type PolicyMemory,
  type RoundReport,
  type Verifier,
} from "@adaedl/core";
import { createTextStream } from "@adaedl/model";
import type { SlotSettings } from "@adaedl/runtime";
import {
  type GenerationRequest,
  parseGenerationRequest,
  type ValidGenerationRequest,
} from "./generation-request.ts";
import type { TargetFacts } from "./target-facts.ts";

/** The last event of a generation. */
export interface GenerationFinished extends DecodeFinished {
  readonly numTargetForwards: number;
  readonly numDraftForwards: number;
}

export type GenerationEvent = CommittedToken | GenerationFinished;

type WatchableRequest = GenerationRequest & { readonly wantsRounds?: boolean | undefined };

/** One side of a generation: closed with it, and counting its model's forwards. */
type Counted<Port> = Port & AsyncDisposable & { readonly numForwards: number };

/** Where the two models are: in this process, or elsewhere. */
export interface GenerationParts {
  readonly facts: TargetFacts;
  /** What stopping policies learn from one request for the next. */
  readonly policyMemory?: PolicyMemory | undefined;
  openVerifier(
    request: ValidGenerationRequest,
    settings: SlotSettings,
    signal?: AbortSignal,
  ): Promise<Counted<Verifier>>;
  /** Absent where there is no draft model; not asked where the policy never drafts. */
  readonly openDrafter?:
    | ((settings: SlotSettings, signal?: AbortSignal) => Promise<Counted<Drafter>>)
    | undefined;
}

/** One request from check to last token, on sessions of its own that are closed in any case. */
export function generate(
  parts: GenerationParts,
  request: GenerationRequest & { readonly wantsRounds?: false | undefined },
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent>;
/** With a report of each round before its tokens, where it is asked for. */
export function generate(
  parts: GenerationParts,
  request: WatchableRequest,
  signal?: AbortSignal,
): AsyncGenerator<RoundReport | GenerationEvent>;
export async function* generate(
  parts: GenerationParts,
  request: WatchableRequest,
  signal?: AbortSignal,
): AsyncGenerator<RoundReport | GenerationEvent> {
  const { facts, policyMemory, openVerifier, openDrafter } = parts;
  const valid = parseGenerationRequest(request, { ...facts, policyMemory });
  const { promptTokenIds, policy, sampling, seed, verification } = valid;
  const { wantsLogprobs, numTopLogprobs } = valid;
  const numPromptTokens = promptTokenIds.length;
  const settings = { sampling, seed, verification, numPromptTokens };

  const asked = { ...settings, wantsLogprobs, numTopLogprobs };
  await using verifier = await openVerifier(valid, asked, signal);
  const isSpeculative = Math.min(valid.maxDraft, policy.maxDraftLength) > 0;
  await using drafter = isSpeculative ? await openDrafter?.(settings, signal) : undefined;

  const events = decode(
    {
      promptTokenIds,
      maxTokens: valid.maxTokens,
      contextLength: facts.contextLength,
      maxDraftLength: valid.maxDraft,
      stopTokenIds: new Set(valid.ignoreEos ? [] : facts.eosTokenIds),
      stopStrings: valid.stop,
      wantsRounds: request.wantsRounds,
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
    if (event.type !== "finished") yield event;
    else {
      const numDraftForwards = drafter?.numForwards ?? 0;
      yield { ...event, numTargetForwards: verifier.numForwards, numDraftForwards };
    }
  }
}
