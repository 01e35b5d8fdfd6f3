import {
  createPolicyMemory,
  type DraftingLimits,
  type PolicyMemory,
  parsePolicy,
} from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import { expect, test } from "vitest";
import { EdgeActor } from "./edge-actor.ts";
import type { Scenario, SourceSetup, TextRequest } from "./scenario.ts";
import { VerifierActor } from "./verifier-actor.ts";
import { World } from "./world.ts";

const draftMs = 6;
const forwardMs = 25;
const rowMs = 0.5;
const numTexts = 30;

type Way = Pick<TextRequest, "ahead" | "isInRounds"> & {
  readonly limits?: DraftingLimits;
  readonly numCandidates?: number;
  /** Of a stream that learns chances and limits; its texts learn from each other. */
  readonly policySpec?: string;
};
const stream = { ahead: 64, isInRounds: false };
const autoregressive: Way = stream;
const drafted: Way = {
  ...stream,
  limits: { bound: (0.1 * draftMs) / forwardMs, width: 4, branchCost: 0.15, maxDepth: 48 },
  numCandidates: 3,
  policySpec: "stream",
};
/** The paper's protocol with drafts of a fixed length. */
const roundsOf = (maxDepth: number): Way => ({
  ahead: 64,
  isInRounds: true,
  limits: { bound: 0, width: 1, branchCost: 0, maxDepth },
  numCandidates: 1,
});

/** Tokens a virtual second over a quiet network. */
function speedOf(way: Way, rttMs: number, acceptance: number): number {
  const memory = createPolicyMemory();
  let ms = 0;
  let numTokens = 0;
  for (let seed = 0; seed < numTexts; seed++) {
    const text: TextRequest = {
      ...{ ...way, seed, promptTokenIds: [3, 4], maxLength: 200 },
      sources: sourcesOf(way, acceptance, memory),
      ...{ readMs: 0, startsAtMs: 0, hangsAt: undefined, stopsAt: undefined, diesAtMs: undefined },
    };
    const scenario: Scenario = {
      ...{ delayMs: rttMs / 2, jitterMs: 0, texts: [text], numLiars: 0 },
      faults: { untilMs: 0, cut: 0, doubling: 0, blackHole: 0 },
      verifiers: [
        {
          ...{
            maxSessions: 1,
            forwardMs: forwardMs - rowMs,
            rowMs,
            leastChance: rowMs / forwardMs,
          },
          ...{ maxDraftLength: 16, lies: 0, crashesAtMs: [], drainsAtMs: undefined },
          hasSuffix: false,
        },
      ],
    };
    const world = new World(scenario, createTestRandom(seed).next, false);
    const verifiers = scenario.verifiers.map((setup) => new VerifierActor(world, setup, 0));
    const edge = new EdgeActor(world, text, verifiers, 0);
    world.clock.run(1e6);
    edge.check();
    ms += edge.endedAtMs;
    numTokens += edge.numDelivered;
  }
  return (1000 * numTokens) / ms;
}

function sourcesOf(
  { limits, numCandidates = 0, policySpec }: Way,
  acceptance: number,
  memory: PolicyMemory,
): SourceSetup[] {
  if (limits === undefined) return [];
  const policy = policySpec === undefined ? undefined : parsePolicy(policySpec, { memory });
  const drafting = policy?.family === "stream" ? policy.drafting?.sourceOf("model") : undefined;
  const source = { limits, isImmediate: false, policy: drafting, numCandidates, acceptance };
  return [{ ...source, draftMs, depth: 1 }];
}

// Virtual time: the same ratios on every machine.
test.each([
  [0.8, 0, 1.25],
  [0.8, 20, 1.5],
  [0.8, 40, 1.55],
  [0.8, 100, 1.25],
  [0.2, 200, 0.99],
])(
  "drafts accepted with chance %f over %i ms: a stream is at least %f of decoding without drafts and of the best rounds",
  { timeout: 300_000 },
  (acceptance, rttMs, ratio) => {
    const rounds = [1, 2, 3, 4, 5, 6, 8].map((length) =>
      speedOf(roundsOf(length), rttMs, acceptance),
    );
    const best = Math.max(speedOf(autoregressive, rttMs, acceptance), ...rounds);
    expect(speedOf(drafted, rttMs, acceptance) / best).toBeGreaterThan(ratio);
  },
);
