import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createTinyTensors, type TinyModelOptions, writeTinyModel } from "@adaedl/testing";
import {
  encodeOnnx,
  type Graph,
  type Initializer,
  type Node,
  type Type,
  type ValueInfo,
} from "./onnx-writer.cases.ts";

/** How an export may look, besides the usual `model.onnx` with a cache. */
export interface ExportOptions {
  /** Where in the directory ("onnx/model.onnx"). */
  readonly path?: string;
  /** Two decoders in one, chosen by `use_cache_branch`: the one for prompts ignores the cache. */
  readonly isMerged?: boolean;
  /** Positions are counted off the attention mask instead of being an input. */
  readonly countsPositions?: boolean;
  /** Number format of the cache (float32). */
  readonly cacheType?: Type;
  /** No cache at all: every step would need the whole text. */
  readonly hasNoCache?: boolean;
}

/** Writes a tiny llama as Optimum exports it: a graph and the config, no safetensors. */
export function writeExport(
  directory: string,
  model: Omit<TinyModelOptions, "architecture">,
  options: ExportOptions = {},
): void {
  const file = join(directory, options.path ?? "onnx/model.onnx");
  writeTinyModel(directory, { architecture: "llama", ...model });
  rmSync(join(directory, "model.safetensors"));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, encodeOnnx(exportedGraph(model, options)));
}

interface Sizes {
  readonly numLayers: number;
  readonly numHeads: number;
  readonly numKeyValueHeads: number;
  readonly headDim: number;
  readonly vocabSize: number;
}

function exportedGraph(model: Omit<TinyModelOptions, "architecture">, options: ExportOptions) {
  const tensors = createTinyTensors({ architecture: "llama", ...model });
  const { numLayers = 2, numHeads = 4, numKeyValueHeads = 2, hiddenSize = 32 } = model;
  const vocabSize = tensors[0]?.shape[0] ?? 0;
  const sizes = {
    numLayers,
    numHeads,
    numKeyValueHeads,
    headDim: hiddenSize / numHeads,
    vocabSize,
  };
  const { cacheType = "float32" } = options;

  const inputs: ValueInfo[] = [
    { name: "input_ids", type: "int64", dims: ["batch", "length"] },
    { name: "attention_mask", type: "int64", dims: ["batch", "total"] },
  ];
  if (!options.countsPositions)
    inputs.push({ name: "position_ids", type: "int64", dims: ["batch", "length"] });
  const outputs: ValueInfo[] = [
    { name: "logits", type: "float32", dims: ["batch", "length", vocabSize] },
  ];
  for (let layer = 0; layer < numLayers && !options.hasNoCache; layer++)
    for (const part of ["key", "value"]) {
      const dims = (length: string) => ["batch", numKeyValueHeads, length, sizes.headDim];
      inputs.push({
        name: `past_key_values.${layer}.${part}`,
        type: cacheType,
        dims: dims("past"),
      });
      outputs.push({ name: `present.${layer}.${part}`, type: "float32", dims: dims("total") });
    }
  if (options.isMerged) inputs.push({ name: "use_cache_branch", type: "bool", dims: [1] });

  const constants = new Map<string, Initializer>();
  for (const { name, shape, values } of tensors) {
    const [numRows = 0, width] = shape;
    const isLinear = width !== undefined && name !== "model.embed_tokens.weight";
    constants.set(name, {
      name,
      dims: isLinear ? [width, numRows] : shape,
      values: isLinear ? transposed(values, numRows, width) : Float32Array.from(values),
    });
  }
  const decoder = (hasCache: boolean, prefix: string): Graph => ({
    nodes: decoderNodes(sizes, options, constants, hasCache, prefix),
    outputs: outputs.map((output) => ({ ...output, name: prefix + output.name })),
  });
  const hasCache = !options.hasNoCache;
  const nodes: readonly Node[] = options.isMerged
    ? [
        {
          op: "If",
          inputs: ["use_cache_branch"],
          outputs: outputs.map(({ name }) => name),
          attributes: {
            then_branch: decoder(true, "with_past/"),
            else_branch: decoder(false, "no_past/"),
          },
        },
      ]
    : decoder(hasCache, "").nodes;
  return { nodes, inputs, outputs, initializers: [...constants.values()] };
}

/** Llama as transformers computes it, in primitive operators. Values are named `prefix` + n. */
function decoderNodes(
  { numLayers, numHeads, numKeyValueHeads, headDim }: Sizes,
  options: ExportOptions,
  constants: Map<string, Initializer>,
  hasCache: boolean,
  prefix: string,
): Node[] {
  const nodes: Node[] = [];
  const add = (
    op: string,
    inputs: string[],
    attributes: Node["attributes"] = {},
    name?: string,
  ) => {
    const output = name ?? `${prefix}${nodes.length}`;
    nodes.push({ op, inputs, outputs: [output], attributes });
    return output;
  };
  const constant = (name: string, dims: number[], values: Float32Array | BigInt64Array) => {
    constants.set(name, { name, dims, values });
    return name;
  };
  const float = (value: number) => constant(`float ${value}`, [], Float32Array.of(value));
  const ints = (...values: number[]) =>
    constant(`ints ${values}`, [values.length], BigInt64Array.from(values, BigInt));
  const int = (value: number) => constant(`int ${value}`, [], BigInt64Array.of(BigInt(value)));
  const norm = (value: string, weight: string) => {
    const square = add("ReduceMean", [add("Mul", [value, value])], { axes: [-1], keepdims: 1 });
    const root = add("Sqrt", [add("Add", [square, float(1e-5)])]);
    return add("Mul", [add("Div", [value, root]), weight]);
  };
  const linear = (value: string, name: string) => add("MatMul", [value, `${name}.weight`]);
  const heads = (value: string, count: number) =>
    add("Transpose", [add("Reshape", [value, ints(0, 0, count, headDim)])], { perm: [0, 2, 1, 3] });
  const part = (value: string, begin: number, end: number) =>
    add("Slice", [value, ints(begin), ints(end), ints(-1)]);

  const total = add("Gather", [add("Shape", ["attention_mask"]), int(1)]);
  let positions = "position_ids";
  if (options.countsPositions) {
    const counted = add("Sub", [add("CumSum", ["attention_mask", int(1)]), int(1)]);
    const length = add("Slice", [add("Shape", ["input_ids"]), ints(1), ints(2)]);
    const begin = add("Sub", [add("Unsqueeze", [total, ints(0)]), length]);
    positions = add("Slice", [counted, begin, ints(2 ** 40), ints(1)]);
  }
  const rows = add("Unsqueeze", [positions, ints(1, 3)]); // [batch, 1, length, 1]
  const half = headDim / 2;
  const frequencies = Float32Array.from({ length: half }, (_, i) => 10_000 ** (-i / half));
  const floatRows = add("Cast", [rows], { to: 1 });
  const angles = add("Mul", [floatRows, constant("frequencies", [half], frequencies)]);
  const bothHalves = add("Concat", [angles, angles], { axis: -1 });
  const [cosines, sines] = [add("Cos", [bothHalves]), add("Sin", [bothHalves])];
  const rotate = (value: string) => {
    const turned = add("Concat", [add("Neg", [part(value, half, headDim)]), part(value, 0, half)], {
      axis: -1,
    });
    return add("Add", [add("Mul", [value, cosines]), add("Mul", [turned, sines])]);
  };

  const columns = add("Range", [int(0), total, int(1)]);
  const isPast = add("LessOrEqual", [columns, rows]);
  const isText = add("Unsqueeze", [add("Cast", ["attention_mask"], { to: 9 }), ints(1, 2)]);
  const mask = add("Where", [add("And", [isPast, isText]), float(0), float(-3.4e38)]);
  const shared = numHeads / numKeyValueHeads;
  const keyHeads = ints(...Array.from({ length: numHeads }, (_, i) => Math.floor(i / shared)));

  let hidden = add("Gather", ["model.embed_tokens.weight", "input_ids"]);
  for (let layer = 0; layer < numLayers; layer++) {
    const name = `model.layers.${layer}`;
    const input = norm(hidden, `${name}.input_layernorm.weight`);
    const query = rotate(heads(linear(input, `${name}.self_attn.q_proj`), numHeads));
    const cached = (kind: "key" | "value", rows: string) => {
      const present =
        hasCache || options.isMerged ? `${prefix}present.${layer}.${kind}` : undefined;
      if (!hasCache) return add("Identity", [rows], {}, present);
      let past = `past_key_values.${layer}.${kind}`;
      if (options.cacheType === "float16") past = add("Cast", [past], { to: 1 });
      return add("Concat", [past, rows], { axis: 2 }, present);
    };
    const newKeys = heads(linear(input, `${name}.self_attn.k_proj`), numKeyValueHeads);
    const newValues = heads(linear(input, `${name}.self_attn.v_proj`), numKeyValueHeads);
    const keys = add("Gather", [cached("key", rotate(newKeys)), keyHeads], { axis: 1 });
    const values = add("Gather", [cached("value", newValues), keyHeads], { axis: 1 });
    const products = add("MatMul", [query, add("Transpose", [keys], { perm: [0, 1, 3, 2] })]);
    const scores = add("Mul", [products, float(headDim ** -0.5)]);
    const weights = add("Softmax", [add("Add", [scores, mask])], { axis: -1 });
    const mixed = add("Transpose", [add("MatMul", [weights, values])], { perm: [0, 2, 1, 3] });
    const joined = add("Reshape", [mixed, ints(0, 0, numHeads * headDim)]);
    hidden = add("Add", [hidden, linear(joined, `${name}.self_attn.o_proj`)]);

    const mlpInput = norm(hidden, `${name}.post_attention_layernorm.weight`);
    const gate = linear(mlpInput, `${name}.mlp.gate_proj`);
    const silu = add("Mul", [gate, add("Sigmoid", [gate])]);
    const product = add("Mul", [silu, linear(mlpInput, `${name}.mlp.up_proj`)]);
    hidden = add("Add", [hidden, linear(product, `${name}.mlp.down_proj`)]);
  }
  const last = norm(hidden, "model.norm.weight");
  add("MatMul", [last, "lm_head.weight"], {}, `${prefix}logits`);
  return nodes;
}

function transposed(values: ArrayLike<number>, numRows: number, width: number): Float32Array {
  const result = new Float32Array(numRows * width);
  for (let row = 0; row < numRows; row++)
    for (let column = 0; column < width; column++)
      result[column * numRows + row] = values[row * width + column] as number;
  return result;
}
