import { AdaedlError } from "../errors.ts";
import { maxOf, shapeOf, type TokenDistribution } from "./distribution.ts";
import type { LogitsRow } from "./logits-row.ts";
import type { SamplingParams } from "./sampling-params.ts";

interface Candidates {
  /** Descending by logit, equal logits ascending by id. */
  readonly tokenIds: Int32Array;
  readonly logits: Float32Array;
}

/** How far below the peak, in nats, candidates are gathered: tried in turn until they suffice. */
const gatherDepths = [8, 16, 40, Number.POSITIVE_INFINITY];

/**
 * Keeps the top-k tokens, of those the top-p nucleus (the token that crosses topP included), of
 * those the ones at least minP times as probable as the first.
 */
export function truncate(
  row: LogitsRow,
  params: SamplingParams,
  inverseTemperature: number,
): TokenDistribution {
  let numKept = 0;
  let candidates: Candidates = { tokenIds: row.topIds, logits: row.topLogits };
  if (row.logits === undefined || row.topIds.length > 0)
    numKept = numSurvivors(candidates, row, params, inverseTemperature);

  if (numKept === 0) {
    if (row.logits === undefined)
      throw new AdaedlError("internal", "these sampling parameters need every logit of the row");
    const peak = (row.summary && row.topLogits[0]) ?? maxOf(row.logits);
    if (Number.isNaN(peak))
      throw new AdaedlError("internal", "the model returned logits that are not numbers (NaN)");
    for (const depth of gatherDepths) {
      candidates = gather(row.logits, peak - depth / inverseTemperature);
      numKept = numSurvivors(candidates, row, params, inverseTemperature);
      if (numKept > 0) break;
    }
  }
  const logits = candidates.logits.slice(0, numKept);
  return {
    tokenIds: candidates.tokenIds.slice(0, numKept),
    logits,
    inverseTemperature,
    ...shapeOf(logits, inverseTemperature),
    head: Int32Array.of(0),
  };
}

/** How many of the first candidates survive; 0 when there are too few of them to tell. */
function numSurvivors(
  candidates: Candidates,
  row: LogitsRow,
  params: SamplingParams,
  inverseTemperature: number,
): number {
  const { logits } = candidates;
  const isWhole = row.logits !== undefined && logits.length === row.logits.length;
  let numKept = params.topK > 0 ? Math.min(params.topK, logits.length) : logits.length;
  // A top-k cut inside the list is final; without one, what lies beyond the list might matter too.
  let isFinal = isWhole || (params.topK > 0 && params.topK <= logits.length);

  const peak = logits[0] as number;
  const weight = (logit: number) => Math.exp((logit - peak) * inverseTemperature);
  if (params.topP < 1) {
    // Top-p counts what top-k leaves: unknown while that reaches beyond the list.
    if (!isFinal && params.topK > 0) return 0;
    const total = isFinal
      ? logits.subarray(0, numKept).reduce((sum, logit) => sum + weight(logit), 0)
      : wholeWeight(row, peak, inverseTemperature);
    if (total === undefined) return 0;
    let mass = 0;
    for (let index = 0; index < numKept; index++) {
      mass += weight(logits[index] as number);
      if (mass >= params.topP * total) {
        numKept = index + 1;
        isFinal = true;
        break;
      }
    }
  }
  if (params.minP > 0) {
    const floor = peak + Math.log(params.minP) / inverseTemperature;
    const numAbove = logits.subarray(0, numKept).findIndex((logit) => logit < floor);
    if (numAbove >= 0) return Math.max(1, numAbove);
  }
  return isFinal ? numKept : 0;
}

/** Sum of exp((logit - peak) / T) over the whole vocabulary, if the row knows it. */
function wholeWeight(row: LogitsRow, peak: number, inverseTemperature: number): number | undefined {
  const { summary, logits } = row;
  if (summary !== undefined && 1 / summary.temperature === inverseTemperature)
    return Math.exp(summary.logSumExp - peak * inverseTemperature);
  if (logits === undefined) return undefined;
  let sum = 0;
  for (const logit of logits) sum += Math.exp((logit - peak) * inverseTemperature);
  return sum;
}

/** More than any model's token ids. An id and a logit's order, 22 and 31 bits and a sign, are exact in a float64. */
const idRange = 2 ** 22;

/**
 * The logits from `floor` up. They are sorted as numbers, which is several times as fast as by comparing: a
 * float32's bits, read as a whole number, are in the order of the values (of negative ones in reverse).
 */
function gather(logits: Float32Array, floor: number): Candidates {
  const bits = new Int32Array(logits.buffer, logits.byteOffset, logits.length);
  const keys = new Float64Array(logits.length);
  let count = 0;
  for (let id = 0; id < logits.length; id++) {
    if (!((logits[id] as number) >= floor)) continue;
    const order = bits[id] as number;
    keys[count++] = id - (order < 0 ? -(2 ** 31) - order : order) * idRange;
  }
  const tokenIds = new Int32Array(count);
  for (const [rank, key] of keys.subarray(0, count).sort().entries())
    tokenIds[rank] = key - Math.floor(key / idRange) * idRange;
  return { tokenIds, logits: Float32Array.from(tokenIds, (id) => logits[id] as number) };
}
