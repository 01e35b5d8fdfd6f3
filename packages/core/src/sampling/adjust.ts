import { AdaedlError } from "../errors.ts";
import { type DistributionShape, maxOf, shapeOf, type TokenDistribution } from "./distribution.ts";
import type { LogitsRow } from "./logits-row.ts";
import { penalise, type TokenHistory } from "./penalties.ts";
import { changesLogits, type SamplingParams } from "./sampling-params.ts";
import { truncate } from "./truncate.ts";

/**
 * Turns what the model says into the distribution that tokens are drawn from, in the order of
 * transformers: logit bias and penalties, temperature, top-k, top-p, min-p.
 *
 * @param history needed when penalties are on; the tokens before this position
 * @throws AdaedlError `internal` when the model's logits are not numbers
 */
export function adjust(
  row: LogitsRow,
  params: SamplingParams,
  history?: TokenHistory,
): TokenDistribution {
  const adjusted = penalisedRow(row, params, history);
  if (params.temperature === 0) return mostProbable(adjusted);

  const inverseTemperature = 1 / params.temperature;
  if (params.topK > 0 || params.topP < 1 || params.minP > 0)
    return truncate(adjusted, params, inverseTemperature);

  const logits = allLogits(adjusted);
  return {
    logits,
    inverseTemperature,
    ...shapeAt(adjusted, params.temperature),
    head: adjusted.topIds.length === 0 ? undefined : adjusted.topIds,
  };
}

/**
 * As `adjust`, but for ranking several candidates: at temperature 0, where `adjust` leaves one token, the
 * model's distribution at temperature 1 over the head of the row (over all tokens, where the row has no
 * head), marked as greedy. Truncation does not apply there: the target ignores it too.
 *
 * @throws AdaedlError as `adjust`
 */
export function adjustForRanking(
  row: LogitsRow,
  params: SamplingParams,
  history?: TokenHistory,
): TokenDistribution {
  if (params.temperature > 0) return adjust(row, params, history);
  const adjusted = penalisedRow(row, params, history);
  const shape = { ...shapeAt(adjusted, 1), inverseTemperature: 1, isGreedy: true };
  const { topIds, topLogits } = adjusted;
  // The head wherever there is one: whether all logits come along is up to others in the batch.
  if (topIds.length === 0) {
    const logits = allLogits(adjusted);
    return { logits, head: Int32Array.of(argmax(logits)), ...shape };
  }
  const order = [...topIds.keys()].sort(
    (a, b) => at(topLogits, b) - at(topLogits, a) || at(topIds, a) - at(topIds, b),
  );
  return {
    tokenIds: Int32Array.from(order, (index) => at(topIds, index)),
    logits: Float32Array.from(order, (index) => at(topLogits, index)),
    head: Int32Array.of(0),
    ...shape,
  };
}

/** Whether `adjust` needs every logit of a row, or can do with the head of `numTop` tokens. */
export function needsAllLogits(params: SamplingParams, numTop: number): boolean {
  if (changesLogits(params)) return true;
  return params.temperature > 0 && !(params.topK > 0 && params.topK <= numTop);
}

/** The row after logit bias and penalties. */
function penalisedRow(
  row: LogitsRow,
  params: SamplingParams,
  history: TokenHistory | undefined,
): LogitsRow {
  if (Number.isNaN(row.summary?.entropy ?? row.topLogits[0])) throw notANumber();
  if (!changesLogits(params)) return row;
  if (history === undefined) throw new AdaedlError("internal", "penalties need the token history");
  const logits = penalise(allLogits(row), params, history);
  return { topIds: new Int32Array(0), topLogits: new Float32Array(0), logits };
}

/** Temperature 0: the most probable token alone, ties to the lowest id. */
function mostProbable(row: LogitsRow): TokenDistribution {
  const best = row.logits === undefined ? firstOfTop(row) : argmax(row.logits);
  return {
    tokenIds: Int32Array.of(best),
    logits: Float32Array.of(0),
    inverseTemperature: 1,
    ...shapeAt(row, 1),
    head: Int32Array.of(0),
    lead: leadOf(row, best),
  };
}

function firstOfTop(row: LogitsRow): number {
  const peak = row.topLogits[0];
  if (peak === undefined) throw new AdaedlError("internal", "the row has no logits at all");
  let best = row.topIds[0] as number;
  for (let index = 1; row.topLogits[index] === peak; index++)
    best = Math.min(best, row.topIds[index] as number);
  return best;
}

function argmax(logits: Float32Array): number {
  const peak = maxOf(logits);
  if (Number.isNaN(peak)) throw notANumber();
  return logits.indexOf(peak);
}

function leadOf({ topLogits, logits }: LogitsRow, best: number): number {
  if (topLogits.length > 1) return (topLogits[0] as number) - (topLogits[1] as number);
  let second = Number.NEGATIVE_INFINITY;
  logits?.forEach((logit, id) => {
    if (id !== best && logit > second) second = logit;
  });
  return (logits?.[best] ?? 0) - second;
}

function shapeAt(row: LogitsRow, temperature: number): DistributionShape {
  const { summary, topLogits } = row;
  const peak = topLogits[0];
  if (summary?.temperature === temperature && peak !== undefined)
    return {
      entropy: Math.max(0, summary.entropy),
      topProb: Math.exp(peak / temperature - summary.logSumExp),
    };
  const shape = shapeOf(allLogits(row), 1 / temperature);
  if (Number.isNaN(shape.entropy)) throw notANumber();
  return shape;
}

function allLogits(row: LogitsRow): Float32Array {
  if (row.logits === undefined)
    throw new AdaedlError("internal", "these sampling parameters need every logit of the row");
  return row.logits;
}

function notANumber(): AdaedlError {
  return new AdaedlError("internal", "the model returned logits that are not numbers (NaN)");
}

function at(values: Int32Array | Float32Array, index: number): number {
  return values[index] as number;
}
