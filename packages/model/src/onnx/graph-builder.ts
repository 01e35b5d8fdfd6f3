import {
  attributeTypes,
  type DataType,
  dataTypes,
  encodeModel,
  externalLocation,
} from "./schema.ts";

/** Name of a value (a tensor) in the graph. */
export type Value = string;
/** A whole number, or the name of a size that is known at run time only. */
export type Dimension = number | string;
/** Numbers are integer attributes; floats are marked. */
export type Attributes = Readonly<Record<string, number | readonly number[] | { float: number }>>;

/** Where the bytes of a weight lie in the external data file. */
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  /** Where onnxruntime finds them packed for its kernels. */
  readonly [packed: `prepacked_${number}`]: string;
}

interface Node {
  readonly [field: string]: unknown;
  readonly input: readonly Value[];
  readonly output: readonly Value[];
}

const opset = 24; // RMSNormalization and RotaryEmbedding came with 23
const contributedOpset = 1; // of com.microsoft
const irVersion = 11;

/** Collects nodes and writes them as an ONNX model. Values are named as they are made. */
export class GraphBuilder {
  readonly #name: string;
  readonly #nodes: Node[] = [];
  readonly #initializers: object[] = [];
  readonly #inputs: object[] = [];
  readonly #outputs: object[] = [];
  readonly #constants = new Map<string, Value>();
  /** Names of values that are outputs. */
  readonly #outputNames = new Map<Value, string>();
  readonly #domains = new Set([""]);

  constructor(name: string) {
    this.#name = name;
  }

  input(name: string, type: DataType, dims: readonly Dimension[]): Value {
    this.#inputs.push(valueInfo(name, type, dims));
    return name;
  }

  /** Makes `value`, which a node has made, an output of the graph under the name `name`. */
  output(name: string, value: Value, type: DataType, dims: readonly Dimension[]): void {
    this.#outputs.push(valueInfo(name, type, dims));
    this.#outputNames.set(value, name);
  }

  /** A weight whose bytes are in the external data file. */
  weight(name: string, type: DataType, dims: readonly number[], data: ExternalData): Value {
    const externalData = Object.entries(data).map(([key, value]) => ({
      key,
      value: String(value),
    }));
    this.#initializers.push({
      name,
      dims,
      dataType: dataTypes[type],
      externalData,
      dataLocation: externalLocation,
    });
    return name;
  }

  /** A constant list of whole numbers. [values.length] */
  ints(...values: number[]): Value {
    return this.#constant(`ints ${values.join(" ")}`, "int64", [values.length], () =>
      BigInt64Array.from(values, BigInt),
    );
  }

  /** A constant unsigned byte. */
  byte(value: number): Value {
    return this.#constant(`byte ${value}`, "uint8", [], () => Uint8Array.of(value));
  }

  /** A constant float32 scalar. */
  float(value: number): Value {
    return this.#constant(`float ${value}`, "float32", [], () => Float32Array.of(value));
  }

  /**
   * Adds a node with one output.
   * @param op an operator of ONNX, or of another domain: `com.microsoft.MatMulNBits`
   */
  node(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.nodeWithOutputs(op, inputs, 1, attributes)[0] as Value;
  }

  nodeWithOutputs(
    op: string,
    inputs: readonly Value[],
    numOutputs: number,
    attributes: Attributes = {},
  ): Value[] {
    const name = `${op} ${this.#nodes.length}`;
    const output = Array.from({ length: numOutputs }, (_, index) => `${name}:${index}`);
    const attribute = Object.entries(attributes).map(([key, value]) => attributeOf(key, value));
    const dot = op.lastIndexOf(".");
    const [domain, opType] = [op.slice(0, Math.max(0, dot)), op.slice(dot + 1)];
    this.#domains.add(domain);
    this.#nodes.push({ opType, domain, name, input: [...inputs], output, attribute });
    return output;
  }

  /** The bytes of the .onnx file. */
  build(): Uint8Array {
    const nameOf = (value: Value) => this.#outputNames.get(value) ?? value;
    return encodeModel({
      irVersion,
      producerName: "adaedl",
      opsetImport: [...this.#domains].map((domain) => ({
        domain,
        version: domain === "" ? opset : contributedOpset,
      })),
      graph: {
        name: this.#name,
        node: this.#nodes.map((node) => ({
          ...node,
          input: node.input.map(nameOf),
          output: node.output.map(nameOf),
        })),
        initializer: this.#initializers,
        input: this.#inputs,
        output: this.#outputs,
      },
    });
  }

  #constant(
    name: string,
    type: DataType,
    dims: readonly number[],
    data: () => Float32Array | BigInt64Array | Uint8Array,
  ): Value {
    const known = this.#constants.get(name);
    if (known !== undefined) return known;
    this.#constants.set(name, name);
    const rawData = new Uint8Array(data().buffer);
    this.#initializers.push({ name, dims, dataType: dataTypes[type], rawData });
    return name;
  }
}

function attributeOf(name: string, value: Attributes[string]): object {
  if (typeof value === "number") return { name, i: value, type: attributeTypes.int };
  if ("float" in value) return { name, f: value.float, type: attributeTypes.float };
  return { name, ints: [...value], type: attributeTypes.ints };
}

function valueInfo(name: string, type: DataType, dims: readonly Dimension[]): object {
  const dim = dims.map((size) =>
    typeof size === "number" ? { dimValue: size } : { dimParam: size },
  );
  return { name, type: { tensorType: { elemType: dataTypes[type], shape: { dim } } } };
}
