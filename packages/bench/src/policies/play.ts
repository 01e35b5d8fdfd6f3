import {
  type CommittedToken,
  type DecodeStatistics,
  type Drafter,
  type DrafterKind,
  type DraftingPolicy,
  decode,
  defaultSamplingParams,
  strategyOf,
  type Text,
} from "@adaedl/core";
import {
  createDrafterFactories,
  type DrafterFactory,
  type SuffixDrafters,
  type TableOptions,
} from "@adaedl/engine";
import { type CostModel, draftForwardMs } from "./cost-model.ts";
import type { OpenModels, Performance } from "./performance.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { createVirtualTarget, numTokenIds } from "./virtual-target.ts";

/** What a policy made of a workload. */
export interface PlayResult {
  readonly durationMs: number;
  readonly numTokens: number;
  /** Draft tokens that the target verified. */
  readonly numDrafted: number;
  readonly numAccepted: number;
  readonly numRoundTrips: number;
  readonly numForwards: number;
  /** Draft tokens in each of them. */
  readonly draftLengths: readonly number[];
  readonly numDraftForwards: number;
  /** Read along in them. */
  readonly numMasks: number;
}

export interface PlayOptions {
  readonly costs: CostModel;
  /** Makes the policy of each text in turn. */
  readonly createPolicy: () => DraftingPolicy;
  /** Drafts beside the target; absent: the edge alone drafts. */
  readonly suffix?: SuffixDrafters | undefined;
  /** What drafts; default: the model. */
  readonly drafters?: readonly DrafterKind[] | undefined;
  /** What the tables know besides the text. Earlier texts of the same call are remembered. */
  readonly tables?: TableOptions | undefined;
  /** Told as they are delivered. */
  readonly onToken?: (token: CommittedToken) => void;
}

/**
 * Decodes one text after the other as production does, with its driver and its two state machines, on
 * a clock that passes as the cost model says.
 */
export async function play(
  performances: readonly Performance[],
  options: PlayOptions,
  signal: AbortSignal,
): Promise<PlayResult> {
  const totals = {
    ...{ durationMs: 0, numTokens: 0, numDrafted: 0, numAccepted: 0 },
    ...{ numRoundTrips: 0, numForwards: 0, numDraftForwards: 0, numMasks: 0 },
  };
  const draftLengths: number[] = [];
  const { drafters = ["model"], tables } = options;
  const factories = createDrafterFactories(
    drafters.filter((kind) => kind !== "model"),
    undefined,
    tables,
  );
  for (const performance of performances) {
    await using models = await performance.open(signal);
    const clock = new VirtualClock();
    const watch: ForwardWatch = {
      onForward: (length) => draftLengths.push(length),
      onDraftForward(numMasks) {
        totals.numDraftForwards++;
        totals.numMasks += numMasks;
      },
    };
    const decoding = decodeOn(clock, models, performance, options, { ...watch, factories }, signal);
    const statistics = await clock.runUntil(decoding);
    totals.durationMs += statistics.durationMs;
    totals.numTokens += performance.numTokens;
    totals.numDrafted += statistics.numDrafted + statistics.numVerifierDrafted;
    totals.numAccepted += statistics.numAccepted + statistics.numVerifierAccepted;
    totals.numRoundTrips += statistics.numRoundTrips;
    totals.numForwards += statistics.numCommits;
  }
  return { ...totals, draftLengths };
}

interface ForwardWatch {
  onForward(numDrafted: number): void;
  onDraftForward(numMasks: number): void;
}

async function decodeOn(
  clock: VirtualClock,
  { drafter, judge }: OpenModels,
  performance: Performance,
  { costs, createPolicy, drafters: kinds = ["model"], suffix, onToken = () => {} }: PlayOptions,
  watch: ForwardWatch & { readonly factories: readonly DrafterFactory[] },
  signal: AbortSignal,
): Promise<DecodeStatistics> {
  const { promptTokenIds, numTokens, maxDraftLength, seed, temperature } = performance;
  const { onForward, onDraftForward } = watch;
  const maxLength = promptTokenIds.length + numTokens;
  const sampling = { ...defaultSamplingParams, temperature };
  const settings = { seed, sampling, numPromptTokens: promptTokenIds.length };
  const openSuffix = suffix && ((text: Text) => suffix.open(text, { client: "", settings }));
  const strategy = strategyOf(createPolicy(), maxDraftLength, kinds);
  const drafters: Drafter[] = [];
  const tables: Drafter[] = [];
  for (const { kind, maxWidth } of strategy?.sources ?? []) {
    const factory = watch.factories.find((one) => one.kind === kind);
    const text = { ...settings, verification: "shared-noise" } as const;
    const table = await factory?.open(text, maxWidth, signal);
    if (table) tables.push(table);
    drafters.push(table ?? slowed(drafter, clock, costs, onDraftForward));
  }
  const numSuccessors = Math.max(0, ...drafters.map((one) => one.numSuccessors ?? 0));
  const isSupervising = numSuccessors > 0;
  const events = decode(
    {
      ...{ promptTokenIds, maxTokens: numTokens, contextLength: maxLength, numTokenIds },
      ...{ stopTokenIds: new Set(), stopStrings: [], numSuccessors },
    },
    {
      verifier: createVirtualTarget({
        ...{ clock, costs, judge, maxLength, onForward, openSuffix, isSupervising },
      }),
      drafting: strategy && { strategy, drafters },
      now: () => clock.now,
    },
    signal,
  );
  let statistics: DecodeStatistics | undefined;
  for await (const event of events)
    if (event.type === "finished") statistics = event.statistics;
    else onToken(event);
  for (const table of tables) await table[Symbol.asyncDispose](); // some remember the text now
  return statistics as DecodeStatistics; // the last event, always
}

/** The same drafter, taking the time the cost model gives it. */
export function slowed(
  drafter: Drafter,
  clock: VirtualClock,
  costs: CostModel,
  onDraftForward: ForwardWatch["onDraftForward"] = () => {},
): Drafter {
  return {
    async propose(text, length, paths, numCandidates, signal) {
      const proposing = drafter.propose(text, length, paths, numCandidates, signal);
      const proposal = await clock.outside(proposing);
      // Only the oracle proposes nothing: it knows better than to draft there.
      if ("places" in proposal && proposal.places.every((place) => place.candidates.length === 0))
        return proposal;
      const further = "places" in proposal ? (proposal.further ?? []) : [];
      const numMasks = further.flat().length;
      onDraftForward(numMasks);
      await clock.sleep(draftForwardMs(costs, paths.length, numMasks));
      return proposal;
    },
    [Symbol.asyncDispose]: () => drafter[Symbol.asyncDispose](),
  };
}
