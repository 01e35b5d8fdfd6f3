import type { WindowRule } from "./architectures.ts";
import { invalidFieldIn, unsupportedField } from "./field-table.ts";

/** The fields of config.json that a sliding window depends on. */
export interface WindowFields {
  readonly num_hidden_layers: number;
  readonly max_position_embeddings: number;
  readonly sliding_window?: number | null | undefined;
  readonly use_sliding_window?: boolean | null | undefined;
  readonly max_window_layers?: number | null | undefined;
  readonly layer_types?: readonly string[] | null | undefined;
}

// Defaults of transformers' configuration classes.
const defaultWindow = 4096;
const defaultMaxWindowLayers = 28;

/**
 * The window that all layers share, as transformers reads it.
 * @returns tokens a token sees, itself included; undefined where it sees all
 * @throws AdaedlError `unimplemented` for a window of some layers only, `invalid_argument` for
 *   fields that contradict each other
 */
export function resolveSlidingWindow(
  config: WindowFields,
  rule: WindowRule,
  file: string,
): number | undefined {
  const isSwitched = config.use_sliding_window ?? undefined;
  const width =
    config.sliding_window === undefined ? widthByDefault(config, rule) : config.sliding_window;
  const types = layerTypes(config, file);
  const slides = (layer: number) =>
    types?.[layer] === undefined
      ? rule === "always" || layer >= (config.max_window_layers ?? defaultMaxWindowLayers)
      : types[layer] === "sliding_attention";
  const numSliding = Array.from({ length: config.num_hidden_layers }, (_, i) => i).filter(
    slides,
  ).length;

  // A window as long as the longest text hides nothing.
  const hidesTokens = width != null && width < config.max_position_embeddings;
  const isOn = rule === "switched" ? isSwitched === true : isSwitched !== false;
  if (types?.includes("sliding_attention") && (width == null || !isOn))
    throw invalidFieldIn(
      file,
      "layer_types",
      "sliding_attention",
      "needs a sliding_window that is on",
    );
  if (!hidesTokens) return undefined;
  if (rule === "none") {
    if (isOn)
      throw unsupportedField(file, "sliding_window", width, "null, or use_sliding_window false");
    return undefined;
  }
  if (!isOn) {
    if (rule === "switched") return undefined;
    throw invalidFieldIn(file, "use_sliding_window", false, `contradicts sliding_window ${width}`);
  }
  if (rule === "always" && numSliding < config.num_hidden_layers)
    throw invalidFieldIn(
      file,
      "layer_types",
      "full_attention",
      `contradicts sliding_window ${width}`,
    );
  if (numSliding === 0) return undefined;
  if (numSliding === config.num_hidden_layers) return width;
  throw unsupportedField(
    file,
    "sliding_window",
    width,
    `a window of all layers or none, not of ${numSliding} of ${config.num_hidden_layers}`,
  );
}

function widthByDefault(config: WindowFields, rule: WindowRule): number | null {
  if (rule === "none") return null;
  return rule === "always" || config.use_sliding_window ? defaultWindow : null;
}

function layerTypes(config: WindowFields, file: string): readonly string[] | undefined {
  const types = config.layer_types ?? undefined;
  if (types === undefined) return undefined;
  if (types.length !== config.num_hidden_layers)
    throw invalidFieldIn(
      file,
      "layer_types",
      types.length,
      `must have num_hidden_layers (${config.num_hidden_layers}) entries`,
    );
  const supported = ["full_attention", "sliding_attention"];
  const other = types.find((type) => !supported.includes(type));
  if (other !== undefined) throw unsupportedField(file, "layer_types", other, supported.join(", "));
  return types;
}
