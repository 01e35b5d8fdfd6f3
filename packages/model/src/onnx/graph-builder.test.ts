import { expect, test } from "vitest";
import { GraphBuilder } from "./graph-builder.ts";
import { encodeModel } from "./schema.ts";

function small(): GraphBuilder {
  const graph = new GraphBuilder("small");
  const x = graph.input("x", "float32", ["N", 4]);
  const data = { location: "weights.bin", offset: 4096, length: 16 };
  const y = graph.node("Add", [x, graph.weight("w", "float32", [4], data)]);
  graph.output("y", y, "float32", ["N", 4]);
  return graph;
}

/** The fields of a protobuf message, read without any schema: number and payload. */
function fieldsOf(bytes: Uint8Array): [field: number, payload: Uint8Array | bigint][] {
  const fields: [number, Uint8Array | bigint][] = [];
  let place = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[place++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  while (place < bytes.length) {
    const tag = Number(varint());
    if ((tag & 7) === 0) fields.push([tag >> 3, varint()]);
    else {
      const length = (tag & 7) === 5 ? 4 : Number(varint());
      fields.push([tag >> 3, bytes.subarray(place, place + length)]);
      place += length;
    }
  }
  return fields;
}

const all = (bytes: Uint8Array, field: number) =>
  fieldsOf(bytes)
    .filter(([number]) => number === field)
    .map(([, payload]) => payload as Uint8Array);
const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

test("a model says its IR version, operator set and graph in onnx.proto's fields", () => {
  const model = small().build();
  expect(fieldsOf(model).filter(([field]) => field === 1)).toEqual([[1, 11n]]);
  expect(all(model, 2).map(text)).toEqual(["adaedl"]);
  const [opset] = all(model, 8);
  expect(fieldsOf(opset ?? new Uint8Array())).toContainEqual([2, 24n]);

  const [graph] = all(model, 7) as [Uint8Array];
  expect(all(graph, 2).map(text)).toEqual(["small"]);
  const nodes = all(graph, 1);
  expect(nodes.map((node) => text(all(node, 4)[0]))).toEqual(["Add"]);
  expect(all(nodes[0] as Uint8Array, 1).map(text)).toEqual(["x", "w"]);
  expect(all(nodes[0] as Uint8Array, 2).map(text)).toEqual(["y"]);
  expect(all(graph, 11).map((info) => text(all(info, 1)[0]))).toEqual(["x"]);
  expect(all(graph, 12).map((info) => text(all(info, 1)[0]))).toEqual(["y"]);
});

test("a weight points into the external data file", () => {
  const [graph] = all(small().build(), 7) as [Uint8Array];
  const [weight] = all(graph, 5) as [Uint8Array];
  expect(fieldsOf(weight)).toContainEqual([2, 1n]); // float32
  expect(fieldsOf(weight)).toContainEqual([14, 1n]); // external
  const entries = all(weight, 13).map((entry) => [text(all(entry, 1)[0]), text(all(entry, 2)[0])]);
  expect(Object.fromEntries(entries)).toEqual({
    location: "weights.bin",
    offset: "4096",
    length: "16",
  });
});

test("an operator of another domain is written with it, and the model imports both", () => {
  const graph = small();
  graph.node("com.microsoft.MatMulNBits", ["x"]);
  const model = graph.build();
  const imports = all(model, 8).map((opset) => [text(all(opset, 1)[0]), fieldsOf(opset).at(-1)]);
  expect(imports).toEqual([
    ["", [2, 24n]],
    ["com.microsoft", [2, 1n]],
  ]);
  const [bytes] = all(model, 7) as [Uint8Array];
  const node = all(bytes, 1).at(-1) as Uint8Array;
  expect([4, 7].map((field) => text(all(node, field)[0]))).toEqual([
    "MatMulNBits",
    "com.microsoft",
  ]);
});

test("attributes are whole numbers, lists of them, or marked floats", () => {
  const graph = new GraphBuilder("attributes");
  const x = graph.input("x", "float32", [2]);
  graph.node("Op", [x], { axis: -1, zero: 0, perm: [0, 2, 1], epsilon: { float: 0.5 } });
  const [bytes] = all(graph.build(), 7) as [Uint8Array];
  const [node] = all(bytes, 1) as [Uint8Array];
  const attributes = Object.fromEntries(
    all(node, 5).map((attribute) => [
      text(all(attribute, 1)[0]),
      fieldsOf(attribute).filter(([field]) => field !== 1),
    ]),
  );
  expect(attributes.axis).toEqual([
    [3, -1n],
    [20, 2n],
  ]);
  expect(attributes.zero).toEqual([
    [3, 0n],
    [20, 2n],
  ]);
  expect(attributes.perm).toContainEqual([20, 7n]);
  const [epsilon] = (attributes.epsilon ?? []).filter(([field]) => field === 2);
  expect(Buffer.from(epsilon?.[1] as Uint8Array).readFloatLE()).toBe(0.5);
});

test("values have names of their own, equal constants share one", () => {
  const graph = new GraphBuilder("names");
  const x = graph.input("x", "float32", [2]);
  const values = [graph.node("Neg", [x]), graph.node("Neg", [x])];
  values.push(...graph.nodeWithOutputs("Split", [x], 2, { axis: 0 }));
  expect(new Set(values).size).toBe(4);
  expect(graph.ints(1, -1)).toBe(graph.ints(1, -1));
  expect(graph.ints(1, -1)).not.toBe(graph.ints(1, 1));
  expect(graph.float(0.5)).toBe(graph.float(0.5));
  const [bytes] = all(graph.build(), 7) as [Uint8Array];
  expect(all(bytes, 5)).toHaveLength(3);
});

test("the same graph is always the same bytes", () => {
  expect(small().build()).toEqual(small().build());
});

test("what is no model is refused", () => {
  expect(() => encodeModel({ irVersion: "eleven" })).toThrow(
    new TypeError("not a ModelProto: irVersion: integer|Long expected"),
  );
});
