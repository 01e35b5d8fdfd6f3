import {
  createAdedSource,
  createRecycleSource,
  createSuffixChances,
  createSuffixSource,
  type Drafter,
  type DrafterKind,
  type DraftingPolicy,
  defaultSamplingParams,
  parsePolicy,
  type Randomness,
  RankRates,
  type SamplingParams,
  type StoppingPolicy,
  SuccessorTable,
  TrigramTable,
  type VerificationRule,
} from "@adaedl/core";
import { type Chooser, enumerateChoices } from "./exact-law-choice-tree.ts";
import { prompt, type ScriptedModel } from "./exact-law-models.ts";
import {
  largestError,
  type Output,
  type OutputEnd,
  type OutputLaw,
  outputOf,
  targetLaw,
} from "./exact-law-outputs.ts";
import { createRuleDrafter, createRuleVerifier, type Side, termsOf } from "./exact-law-ports.ts";
import { createEnumeratedNoise, type NoiseReading } from "./exact-law-randomness.ts";

/** Everything that makes an output but for the random choices. */
export interface Session {
  readonly rule: VerificationRule;
  readonly policy: string | (() => StoppingPolicy);
  readonly target: ScriptedModel;
  readonly draft: ScriptedModel;
  readonly end: OutputEnd;
  /** Of both sides; the models' own distributions where it is not given. */
  readonly sampling?: SamplingParams;
  /** Where the draft service samples otherwise than the target. */
  readonly draftSampling?: SamplingParams;
  readonly draftReading?: NoiseReading;
  /** Where the draft service does not do as the rule says. */
  readonly createDrafter?: (draft: Side, target: Side) => Drafter;
  /** What drafts; default: the model. */
  readonly drafters?: readonly DrafterKind[];
  /** Turns that a target forward takes; a draft forward takes a few. */
  readonly targetTurns?: number;
}

/** One output of the session. */
export function runSession(
  session: Session,
  targetRandom: Randomness,
  draftRandom = targetRandom,
): Promise<Output> {
  const { rule, policy, sampling = defaultSamplingParams, createDrafter, end } = session;
  const draftSampling = session.draftSampling ?? sampling;
  const target = { model: session.target, sampling, rule, random: targetRandom };
  const draft = { model: session.draft, sampling: draftSampling, rule, random: draftRandom };
  const model = (createDrafter ?? createRuleDrafter)(draft, target);
  const { drafters = ["model"] } = session;
  return outputOf(
    Object.fromEntries(
      drafters.map((kind) => [kind, kind === "model" ? model : createTable[kind]()]),
    ),
    createRuleVerifier(
      target,
      termsOf(end.numTokens, end.stopTokenId),
      session.targetTurns ?? 8,
      drafters.includes("recycle"),
    ),
    typeof policy === "string"
      ? // As at temperature 0 tables draft at once: a text is too short here for one to prove itself first.
        parsePolicy(policy, { verification: rule.name, temperature: 0 })
      : inRounds(policy()),
    end,
  );
}

/** Their noise is not that of the text: what they draft is right by chance. */
const noise = { seed: 1, isGreedy: false };
const ofSuffix = { numPromptTokens: prompt.length, maxTokens: 100, salt: 0 };
const createTable: Readonly<Record<Exclude<DrafterKind, "model">, () => Drafter>> = {
  suffix: () => createSuffixSource({ ...noise, ...ofSuffix, chances: createSuffixChances(false) }),
  recycle: () =>
    createRecycleSource({ ...noise, table: new SuccessorTable(100), rates: new RankRates() }),
  aded: () => createAdedSource({ ...noise, table: new TrigramTable(100), numVisits: 8 }),
};

function inRounds(stopping: StoppingPolicy): DraftingPolicy {
  return { family: "rounds", spec: stopping.spec, stopping };
}

export interface EnumeratedSession {
  readonly law: OutputLaw;
  /** How far any output's probability is from what the target alone would give it. */
  readonly error: number;
  readonly numLeaves: number;
  readonly meanDrafted: number;
  readonly meanAccepted: number;
}

/** The session's exact law: from every way in which all its random choices can turn out. */
export async function enumerateSession(session: Session): Promise<EnumeratedSession> {
  const leaves = await enumerateChoices((chooser: Chooser) => {
    const random = createEnumeratedNoise(chooser);
    return runSession(session, random("ascending"), random(session.draftReading ?? "ascending"));
  });
  const law = new Map<string, number>();
  let meanDrafted = 0;
  let meanAccepted = 0;
  for (const { outcome, probability } of leaves) {
    law.set(outcome.text, (law.get(outcome.text) ?? 0) + probability);
    meanDrafted += probability * outcome.numDrafted;
    meanAccepted += probability * outcome.numAccepted;
  }
  const { target, sampling = defaultSamplingParams, end } = session;
  const error = largestError(law, targetLaw(target, sampling, end));
  return { law, error, numLeaves: leaves.length, meanDrafted, meanAccepted };
}
