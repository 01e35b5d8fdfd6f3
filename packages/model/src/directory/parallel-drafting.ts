import * as z from "zod/mini";
import { checkFields, invalidFieldIn } from "./field-table.ts";

/** How a draft model was trained to say something about several places in one forward. */
export interface ParallelDrafting {
  /** Stands for each token that is not drafted yet; none of a text. */
  readonly maskTokenId: number;
  /** Places of one forward: the next one, and one after each mask. */
  readonly depth: number;
}

export const parallelField = "adaedl_parallel";
const longestDepth = 16;
const fieldsOf = z.record(z.string(), z.unknown());

/**
 * Reads the field `adaedl_parallel` of config.json: `{"mask_token_id": ID, "depth": PLACES}`.
 * @param value of the field
 * @param vocabSize rows of the model: the mask is one of them
 * @param file for messages
 * @throws AdaedlError `invalid_argument` naming the field, `unimplemented` for one that is not known
 */
export function readParallelDrafting(
  value: unknown,
  vocabSize: number,
  file: string,
): ParallelDrafting | undefined {
  if (value == null) return undefined;
  const fields = fieldsOf.safeParse(value).data;
  if (fields === undefined)
    throw invalidFieldIn(
      file,
      parallelField,
      value,
      "must be an object of mask_token_id and depth",
    );
  const prefix = `${parallelField}.`;
  const table = { used: ["mask_token_id", "depth"], harmless: [], limited: [] };
  checkFields(fields, table, file, prefix);
  const whole = (name: string, least: number, most: number) => {
    const number = fields[name];
    if (Number.isInteger(number) && (number as number) >= least && (number as number) <= most)
      return number as number;
    const rule = `must be a whole number from ${least} to ${most}`;
    throw invalidFieldIn(file, `${prefix}${name}`, number, rule);
  };
  return {
    maskTokenId: whole("mask_token_id", 0, vocabSize - 1),
    depth: whole("depth", 2, longestDepth),
  };
}
