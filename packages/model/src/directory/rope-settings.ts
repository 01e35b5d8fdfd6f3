import { AdaedlError } from "@adaedl/core";
import { checkFields, invalidFieldIn, unsupportedField } from "./field-table.ts";
import {
  type RopeScaling,
  type RopeSettings,
  type RopeType,
  ropeTypeOf,
  ropeTypes,
} from "./rope.ts";

/** The fields of config.json that the rotary embedding depends on. */
export interface RopeFields {
  readonly rope_theta?: number | null | undefined;
  readonly rope_scaling?: RopeScaling | null | undefined;
  readonly rope_parameters?: RopeScaling | null | undefined;
}

/**
 * Brings the old fields (`rope_theta`, `rope_scaling`) and the new one (`rope_parameters`) together,
 * as transformers 5 does: a `rope_scaling` that is not empty takes the place of `rope_parameters`, and
 * a `rope_theta` inside counts before the one at the top, which an old transformers may have written
 * from its defaults.
 * @throws AdaedlError `unimplemented` for another rope type or field, `invalid_argument` for values
 *   that contradict each other
 */
export function resolveRope(config: RopeFields, file: string, defaultTheta = 10_000): RopeSettings {
  const hasScaling = Object.keys(config.rope_scaling ?? {}).length > 0;
  const source = hasScaling ? "rope_scaling" : "rope_parameters";
  const scaling = config[source] ?? {};
  const type = ropeTypeOf(scaling);

  const nested = Object.entries(scaling).find(([, value]) => isRecord(value));
  if (nested !== undefined)
    throw unsupportedField(file, `${source}.${nested[0]}`, nested[1], "one setting for all layers");
  if (!Object.hasOwn(ropeTypes, String(type)))
    throw new AdaedlError(
      "unimplemented",
      `${file}: rope type ${JSON.stringify(type)} is not supported (supported: ${Object.keys(ropeTypes).join(", ")})`,
      { field: `${source}.rope_type`, value: type },
    );
  if (scaling.type != null && scaling.type !== type)
    throw invalidFieldIn(file, `${source}.type`, scaling.type, `contradicts rope_type "${type}"`);
  checkFields(scaling, fieldsOf(type as string), file, `${source}.`);
  const theta = thetaOf(config, scaling, source, file, defaultTheta);
  return { theta, type: type as string, scaling, source };
}

function thetaOf(
  config: RopeFields,
  scaling: RopeScaling,
  source: RopeSettings["source"],
  file: string,
  defaultTheta: number,
): number {
  const own = positiveTheta(scaling, source, file);
  const theta = own ?? config.rope_theta ?? defaultTheta;
  const replaced = positiveTheta(config.rope_parameters ?? {}, "rope_parameters", file);
  // transformers 5 would use the top-level value, which need not be the one that the model was trained with.
  if (own === undefined && replaced !== undefined && replaced !== theta)
    throw invalidFieldIn(
      file,
      "rope_scaling.rope_theta",
      undefined,
      `must be given where rope_parameters.rope_theta ${replaced} and rope_theta ${theta} differ`,
    );
  return theta;
}

function positiveTheta(
  scaling: RopeScaling,
  source: RopeSettings["source"],
  file: string,
): number | undefined {
  const theta = scaling.rope_theta ?? undefined;
  if (theta === undefined || (typeof theta === "number" && theta > 0)) return theta;
  throw invalidFieldIn(file, `${source}.rope_theta`, theta, "must be a number above 0");
}

/** Fields of other types are refused: a factor beside the type "default" is a contradiction. */
function fieldsOf(type: string) {
  const { fields, optional = [] }: RopeType = ropeTypes[type as keyof typeof ropeTypes];
  return {
    used: ["rope_type", "type", "rope_theta", ...fields, ...optional],
    harmless: [
      {
        fields: ["finetuned", "original_max_position_embeddings"],
        reason: "describes the training; only llama3 and yarn compute with the length",
      },
    ],
    limited: [
      { fields: ["partial_rotary_factor", "factor", "attention_factor"], values: [1] },
      { fields: ["truncate"], values: [true] },
    ],
  };
}

function isRecord(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
