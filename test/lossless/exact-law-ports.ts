import {
  candidateProbs,
  type Drafter,
  type ModelPlace,
  Outbox,
  type PlannedToken,
  placeEvidence,
  type Randomness,
  type SamplingParams,
  type TargetMessage,
  TargetStream,
  type TargetTerms,
  type Text,
  type TokenDistribution,
  tokenIdAt,
  type VerificationRule,
  type Verifier,
  verdictOf,
} from "@adaedl/core";
import { prompt, type ScriptedModel } from "./exact-law-models.ts";

/** One side of a session: a model, how it is sampled, the rule and its randomness. */
export interface Side {
  readonly model: ScriptedModel;
  readonly sampling: SamplingParams;
  readonly rule: VerificationRule;
  readonly random: Randomness;
}

/** The tokens before a place of a draft, and where the draft begins. */
interface KnownPlace {
  readonly tokenIds: readonly number[];
  readonly roundStart: number;
}

function createDrafter(
  placeAfter: (known: KnownPlace, numCandidates: number) => ModelPlace,
): Drafter<ModelPlace> {
  return {
    async propose(text, length, paths, numCandidates) {
      const known = text.tokenIds.slice(0, length);
      const places = paths.map((path) =>
        placeAfter({ tokenIds: [...known, ...path], roundStart: length }, numCandidates),
      );
      return { places };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** Drafts as the rule says, until it is stopped. */
export function createRuleDrafter(side: Side): Drafter<ModelPlace> {
  const { model, sampling, rule, random } = side;
  return createDrafter(({ tokenIds, roundStart }, numCandidates) => {
    const distribution = model.distributionAfter(tokenIds, sampling);
    const place = { position: tokenIds.length, roundStart };
    return placeEvidence(distribution, rule.propose(distribution, place, random, numCandidates));
  });
}

/** Says in the same forward what may stand at `depth - 1` further places, in front of which it reads masks. */
export function createParallelDrafter(depth: number): (side: Side) => Drafter<ModelPlace> {
  const mask = -1;
  return (side) => {
    const { model, sampling, rule, random } = side;
    return {
      ...createRuleDrafter(side),
      async propose(text, length, paths, numCandidates) {
        const known = text.tokenIds.slice(0, length);
        const said = paths.map((path) =>
          Array.from({ length: depth }, (_, numMasks) => {
            const tokenIds = [...known, ...path, ...Array<number>(numMasks).fill(mask)];
            const distribution = model.distributionAfter(tokenIds, sampling);
            const place = { position: tokenIds.length, roundStart: length };
            const candidates = rule.propose(distribution, place, random, numCandidates);
            return { ...placeEvidence(distribution, candidates), numMasks };
          }),
        );
        return {
          places: said.flatMap((places) => places.slice(0, 1)),
          further: said.map((places) => places.slice(1)),
        };
      },
    };
  };
}

/** A draft service that knows the target and the noise, and drafts, lies or ends as it pleases. */
export function createKnowingDrafter(
  guessOf: (targetTokenId: number) => { tokenId: number; entropy: number } | undefined,
): (draft: Side, target: Side) => Drafter {
  return (_, { model, sampling, rule, random }) =>
    createDrafter(({ tokenIds, roundStart }) => {
      const known = model.distributionAfter(tokenIds, sampling);
      const place = { position: tokenIds.length, roundStart };
      const guess = guessOf(rule.guess(known, place, random).tokenId);
      if (guess === undefined) return { entropy: 0, topProb: 1, candidates: [] };
      const prob = Math.exp(-guess.entropy);
      return {
        entropy: guess.entropy,
        topProb: prob,
        candidates: [{ tokenId: guess.tokenId, prob }],
      };
    });
}

const facts = { queueMs: 0, verifyMs: 1, batchSize: 1, logprobs: [], topLogprobs: [] };

/**
 * The target's end of a text. A forward begins whenever the text has credit, and verifies every draft
 * token as the rule says, also those behind a rejected one.
 * @param turns of the queue of promises that a forward takes: how much is drafted meanwhile
 * @param isSupervising whether commits name the likeliest tokens
 */
export function createRuleVerifier(
  side: Side,
  terms: Omit<TargetTerms, "tokenIds" | "credit">,
  turns: number,
  isSupervising: boolean,
): Verifier {
  return {
    async open(text, credit, why) {
      if (why !== undefined) throw why;
      const stream = new TargetStream({ ...terms, tokenIds: [...text.tokenIds], credit });
      const messages = new Outbox<TargetMessage>();
      messages.push({ type: "opened", queueMs: 0, verifyMs: 0, numForwards: 0 });
      let isStepping = false;

      async function step(): Promise<void> {
        if (isStepping) return;
        isStepping = true;
        while (stream.canStep) {
          const chain = stream.plan({ leastChance: 0, maxDraftLength: 16 });
          stream.apply({ type: "stepBegun", draftTokenIds: chain.map(({ tokenId }) => tokenId) });
          for (let turn = 0; turn < turns; turn++) await undefined;
          const { successors, ...verdict } = judge(side, stream.text, chain);
          const supervision = isSupervising ? { successors } : {};
          for (const effect of stream.apply({ type: "stepDone", ...verdict, ...supervision }))
            messages.push(effect.type === "commit" ? { ...effect, facts } : effect);
        }
        if (stream.isFinished) messages.end();
        isStepping = false;
      }

      void step();
      return {
        offer(offer) {
          stream.apply({ type: "offer", offer });
          void step();
        },
        cancel() {
          stream.apply({ type: "cancel" });
          messages.end();
        },
        messages,
        close: () => messages.end(),
      };
    },
  };
}

function judge(
  { model, sampling, rule, random }: Side,
  text: Text,
  chain: readonly PlannedToken[],
) {
  const roundStart = text.length;
  const sequence = [...text.tokenIds];
  const successors: number[][] = [];
  const judgements = [...chain, undefined].map((draftToken) => {
    const target = model.distributionAfter(sequence, sampling);
    successors.push(byProbability(target));
    const place = { position: sequence.length, roundStart };
    if (draftToken !== undefined) sequence.push(draftToken.tokenId);
    return rule.judge(target, draftToken, place, random);
  });
  return { ...verdictOf(judgements), successors };
}

function byProbability(distribution: TokenDistribution): number[] {
  const probs = candidateProbs(distribution);
  const indices = [...probs.keys()].sort((a, b) => (probs[b] as number) - (probs[a] as number));
  return indices.map((index) => tokenIdAt(distribution, index));
}

/** What a text of so many tokens is opened with; scripted models have fewer token ids than that. */
export function termsOf(numTokens: number, stopTokenId: number | undefined) {
  return {
    maxLength: prompt.length + numTokens,
    endTokenIds: new Set(stopTokenId === undefined ? [] : [stopTokenId]),
    numTokenIds: 16,
  };
}
