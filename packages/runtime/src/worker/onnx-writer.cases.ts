// Writes .onnx files for fixtures, field by field after onnx.proto, without a library: it shares
// nothing with the builder of @adaedl/model.

type Field = readonly [number: number, value: number | string | Uint8Array];

export const types = { float32: 1, int64: 7, bool: 9, float16: 10 } as const;
export type Type = keyof typeof types;
export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly type: Type;
  readonly dims: readonly Dimension[];
}

export interface Node {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Whole numbers, lists of them, or subgraphs. */
  readonly attributes?: Readonly<Record<string, number | readonly number[] | Graph>>;
}

export interface Initializer {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array | BigInt64Array;
}

export interface Graph {
  readonly nodes: readonly Node[];
  readonly initializers?: readonly Initializer[];
  readonly inputs?: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** The bytes of a .onnx file with operator set 17. */
export function encodeOnnx(graph: Graph): Uint8Array {
  const operatorSet = message([
    [1, ""],
    [2, 17],
  ]);
  return message([
    [1, 8], // IR version
    [7, graphBytes(graph)],
    [8, operatorSet],
  ]);
}

function graphBytes({ nodes, initializers = [], inputs = [], outputs }: Graph): Uint8Array {
  return message([
    ...nodes.map((node): Field => [1, nodeBytes(node)]),
    [2, "graph"],
    ...initializers.map((initializer): Field => [5, tensorBytes(initializer)]),
    ...inputs.map((info): Field => [11, valueInfoBytes(info)]),
    ...outputs.map((info): Field => [12, valueInfoBytes(info)]),
  ]);
}

function nodeBytes({ op, inputs, outputs, attributes = {} }: Node): Uint8Array {
  return message([
    ...inputs.map((name): Field => [1, name]),
    ...outputs.map((name): Field => [2, name]),
    [4, op],
    ...Object.entries(attributes).map(([name, value]): Field => {
      if (typeof value === "number") return [5, attribute(name, 2, [[3, value]])];
      if ("nodes" in value) return [5, attribute(name, 5, [[6, graphBytes(value)]])];
      const items = value.map((item): Field => [8, item]);
      return [5, attribute(name, 7, items)];
    }),
  ]);
}

function attribute(name: string, type: number, value: Field[]): Uint8Array {
  return message([[1, name], ...value, [20, type]]);
}

function tensorBytes({ name, dims, values }: Initializer): Uint8Array {
  return message([
    ...dims.map((size): Field => [1, size]),
    [2, values instanceof Float32Array ? types.float32 : types.int64],
    [8, name],
    [9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  ]);
}

function valueInfoBytes({ name, type, dims }: ValueInfo): Uint8Array {
  const sizes = dims.map(
    (size): Field => [1, message([typeof size === "number" ? [1, size] : [2, size]])],
  );
  const tensor = message([
    [1, types[type]],
    [2, message(sizes)],
  ]);
  return message([
    [1, name],
    [2, message([[1, tensor]])],
  ]);
}

function message(fields: readonly Field[]): Uint8Array {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (typeof value === "number") return [varint(number * 8), varint(value)];
      const bytes = typeof value === "string" ? Buffer.from(value) : value;
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

function varint(value: number): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}
