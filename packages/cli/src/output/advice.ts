import type { Advice, BreakEven, PolicyAdvice } from "@adaedl/bench";
import type { Colors } from "./colors.ts";
import { ratio } from "./numbers.ts";
import { renderTable } from "./table.ts";

/** What was asked. */
export interface AdviceQuestion {
  /** A name, or two directories. */
  readonly pair: string;
  readonly rttMs: number;
  readonly temperature: number;
  readonly numTexts: number;
  readonly numTokens: number;
}

/** Everything that is known, for programs; `pays` is whether any policy beats plain streaming there. */
export function adviceJson(question: AdviceQuestion, advice: Advice) {
  return { ...question, pays: gainOf(advice) !== undefined, ...advice };
}

/** A table of policies, and the advice in words. */
export function renderAdvice(question: AdviceQuestion, advice: Advice, colors: Colors): string {
  const { pair, rttMs, temperature, numTexts, numTokens } = question;
  const { draftMs, verifyBaseMs, verifyTokenMs, plainMs } = advice.costs;
  const columns = [
    { heading: "policy", align: "left" },
    { heading: "tokens/s" },
    { heading: "× plain" },
    { heading: "target forwards /\n100 tokens" },
  ] as const;
  const rows = advice.policies.map((one) => [
    one.policy.startsWith("static:") ? `${one.policy} (best static)` : one.policy,
    ratio(one.tokensPerSecond),
    ratio(one.timesPlain),
    ratio(one.targetForwardsPer100Tokens),
  ]);
  return [
    `${colors.bold(pair)}, temperature ${temperature}, ${numTexts} texts of ${numTokens} tokens, a round trip of ${ms(rttMs)}.`,
    `A draft token takes ${ms(draftMs)}, verifying k of them ${ms(verifyBaseMs)} + k × ${ms(verifyTokenMs)}, a plain token ${ms(plainMs)}.`,
    "",
    renderTable(columns, rows, colors),
    "",
    lineSentence(advice.breakEven),
    verdictSentence(rttMs, advice),
    forwardsSentence(advice.policies),
  ].join("\n");
}

/** How far a stream gains, and what it does beside the verifier. */
function lineSentence({ tokensPerForward, verifyMs, plainMs, rttMs }: BreakEven): string {
  const near = `beside the verifier a target forward brings ${ratio(tokensPerForward)} tokens in ${ms(verifyMs)}, which plain streaming writes in ${ms(tokensPerForward * plainMs)}.`;
  return rttMs === undefined
    ? `Drafting pays at no distance: ${near}`
    : `Drafting pays up to a round trip of ${ms(rttMs)}: ${near}\nBeyond that a stream gains less than 5 %, and loses nothing.`;
}

function verdictSentence(rttMs: number, advice: Advice): string {
  const gain = gainOf(advice);
  if (gain !== undefined)
    return `At ${ms(rttMs)} ${gain.policy} is the fastest, ${ratio(gain.timesPlain)} times plain streaming.`;
  return rttMs <= (advice.breakEven.rttMs ?? -1)
    ? `At ${ms(rttMs)} that is next to nothing: plain decoding is as fast.`
    : `At ${ms(rttMs)} plain decoding is the fastest: --policy none, or no draft model at all.`;
}

/** What is gained wherever the verifier stands. */
function forwardsSentence(policies: readonly PolicyAdvice[]): string {
  const [plain, ...others] = policies.map((one) => one.targetForwardsPer100Tokens);
  const fewest = Math.min(...others);
  const saver = policies.find((one) => one.targetForwardsPer100Tokens === fewest);
  return `Target forwards are saved in any case: ${ratio(fewest)} instead of ${ratio(plain ?? 100)} per 100 tokens with ${saver?.policy}.`;
}

/** Below this a gain is none that anybody would see. */
const leastGain = 1.005;

/** The fastest policy, where it is faster than plain streaming. */
function gainOf({ policies }: Advice): PolicyAdvice | undefined {
  const [fastest] = policies.toSorted((a, b) => b.timesPlain - a.timesPlain);
  return fastest !== undefined && fastest.timesPlain >= leastGain ? fastest : undefined;
}

function ms(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
