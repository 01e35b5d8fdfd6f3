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
import type { DrafterFactory } from "./drafting/drafter-factories.ts";
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

/** What a text is opened with at the target, besides the text itself. */
export interface VerifierTerms {
  readonly settings: SlotSettings;
  /** Longest text, prompt and output. */
  readonly maxLength: number;
  /** Tokens that end the text. */
  readonly endTokenIds: ReadonlySet<number>;
  /** Whether nothing drafts beside the target. */
  readonly edgeDraftsOnly: boolean;
}

/** Where the two models are: in this process, or elsewhere. */
export interface GenerationParts {
  readonly facts: TargetFacts;
  /** What policies learn from one request for the next. */
  readonly policyMemory?: PolicyMemory | undefined;
  readonly observer?: TextObserver | undefined;
  /** Whose text it is. Default: the only client's. */
  readonly client?: string | undefined;
  openVerifier(request: ValidGenerationRequest, terms: VerifierTerms): Verifier;
  /** What there is to draft with, each kind once; absent or empty: every text is decoded plainly. */
  readonly drafters?: readonly DrafterFactory[] | undefined;
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
  const { facts, policyMemory, observer, client, openVerifier, drafters: factories = [] } = parts;
  const valid = parseGenerationRequest(request, { ...facts, policyMemory });
  const { promptTokenIds, maxTokens, policy, sampling, seed, verification } = valid;
  const { wantsLogprobs, numTopLogprobs } = valid;
  const numPromptTokens = promptTokenIds.length;
  const settings = { sampling, seed, verification, numPromptTokens };
  const stopTokenIds = new Set(valid.ignoreEos ? [] : facts.eosTokenIds);
  const kinds = factories.map(({ kind }) => kind);
  const strategy = strategyOf(policy, valid.maxDraft, kinds);
  await using drafters = new OpenDrafters();
  for (const { kind, maxWidth } of strategy?.sources ?? []) {
    const factory = factories[kinds.indexOf(kind)] as DrafterFactory;
    drafters.all.push(await factory.open({ ...settings, client }, maxWidth, signal));
  }
  const { numSuccessors } = drafters;
  const verifier = openVerifier(valid, {
    settings: { ...settings, wantsLogprobs, numTopLogprobs, numSuccessors },
    maxLength: numPromptTokens + maxTokens,
    endTokenIds: stopTokenIds,
    edgeDraftsOnly: valid.maxDraft === 0 || (policy.family === "stream" && !!policy.isPlain),
  });

  const events = decode(
    {
      promptTokenIds,
      maxTokens,
      contextLength: facts.contextLength,
      numTokenIds: facts.vocabSize,
      numSuccessors,
      stopTokenIds,
      stopStrings: valid.stop,
      wantsDetails: request.wantsDetails,
    },
    {
      drafting: strategy && { strategy, drafters: drafters.all },
      verifier,
      observer,
      textStream: createTextStream(facts.tokenizer, { promptTokenIds }),
      now: () => performance.now(),
    },
    signal,
  );
  for await (const event of events) {
    if (event.type !== "finished") yield event;
    else yield { ...event, numDraftForwards: drafters.numForwards };
  }
}

/** Drafters of one text: closed together, also where only some of them could be opened. */
class OpenDrafters implements AsyncDisposable {
  readonly all: Drafter[] = [];

  get numForwards(): number {
    return this.all.reduce((sum, { numForwards = 0 }) => sum + numForwards, 0);
  }

  get numSuccessors(): number {
    return Math.max(0, ...this.all.map(({ numSuccessors = 0 }) => numSuccessors));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.all.map((drafter) => drafter[Symbol.asyncDispose]()));
  }
}
