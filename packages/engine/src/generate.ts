import {
  type CommittedToken,
  type DecodeEvent,
  type DecodeFinished,
  type Drafter,
  decode,
  type PolicyMemory,
  strategyOf,
  type TextObserver,
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
  readonly numDraftForwards: number;
}

export type GenerationEvent = CommittedToken | GenerationFinished;

/** With what is told besides where details are asked for. */
export type WatchedEvent = Exclude<DecodeEvent, DecodeFinished> | GenerationFinished;

type WatchableRequest = GenerationRequest & { readonly wantsDetails?: boolean | undefined };

/** The draft model's side of a generation: closed with it, and counting its model's forwards. */
export type CountingDrafter = Drafter & AsyncDisposable & { readonly numForwards: number };

/** What a text is opened with at the target, besides the text itself. */
export interface VerifierTerms {
  readonly settings: SlotSettings;
  /** Longest text, prompt and output. */
  readonly maxLength: number;
  /** Tokens that end the text. */
  readonly endTokenIds: ReadonlySet<number>;
}

/** Where the two models are: in this process, or elsewhere. */
export interface GenerationParts {
  readonly facts: TargetFacts;
  /** What policies learn from one request for the next. */
  readonly policyMemory?: PolicyMemory | undefined;
  readonly observer?: TextObserver | undefined;
  openVerifier(request: ValidGenerationRequest, terms: VerifierTerms): Verifier;
  /**
   * Absent where there is no draft model; not asked where the policy never drafts.
   * @param width places of one draft forward
   */
  readonly openDrafter?:
    | ((settings: SlotSettings, width: number, signal?: AbortSignal) => Promise<CountingDrafter>)
    | undefined;
}

/** One request from check to last token, on sessions of its own that are closed in any case. */
export function generate(
  parts: GenerationParts,
  request: GenerationRequest & { readonly wantsDetails?: false | undefined },
  signal?: AbortSignal,
): AsyncGenerator<GenerationEvent>;
/** With details, where they are asked for. */
export function generate(
  parts: GenerationParts,
  request: WatchableRequest,
  signal?: AbortSignal,
): AsyncGenerator<WatchedEvent>;
export async function* generate(
  parts: GenerationParts,
  request: WatchableRequest,
  signal?: AbortSignal,
): AsyncGenerator<WatchedEvent> {
  const { facts, policyMemory, observer, openVerifier, openDrafter } = parts;
  const valid = parseGenerationRequest(request, { ...facts, policyMemory });
  const { promptTokenIds, maxTokens, policy, sampling, seed, verification } = valid;
  const { wantsLogprobs, numTopLogprobs } = valid;
  const numPromptTokens = promptTokenIds.length;
  const settings = { sampling, seed, verification, numPromptTokens };
  const stopTokenIds = new Set(valid.ignoreEos ? [] : facts.eosTokenIds);

  const verifier = openVerifier(valid, {
    settings: { ...settings, wantsLogprobs, numTopLogprobs },
    maxLength: numPromptTokens + maxTokens,
    endTokenIds: stopTokenIds,
  });
  const strategy = openDrafter && strategyOf(policy, valid.maxDraft);
  await using drafter = strategy && (await openDrafter?.(settings, strategy.maxWidth, signal));

  const events = decode(
    {
      promptTokenIds,
      maxTokens,
      contextLength: facts.contextLength,
      numTokenIds: facts.vocabSize,
      stopTokenIds,
      stopStrings: valid.stop,
      wantsDetails: request.wantsDetails,
    },
    {
      drafter,
      verifier,
      strategy,
      observer,
      textStream: createTextStream(facts.tokenizer, { promptTokenIds }),
      now: () => performance.now(),
    },
    signal,
  );
  for await (const event of events) {
    if (event.type !== "finished") yield event;
    else yield { ...event, numDraftForwards: drafter?.numForwards ?? 0 };
  }
}
