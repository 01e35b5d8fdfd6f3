import protobuf from "protobufjs/light.js";

type Field = [type: string, id: number] | [type: string, id: number, rule: "repeated"];

/** The part of onnx.proto (https://github.com/onnx/onnx, ONNX IR) that a decoder graph needs. */
const messages: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  ModelProto: {
    irVersion: ["int64", 1],
    producerName: ["string", 2],
    graph: ["GraphProto", 7],
    opsetImport: ["OperatorSetIdProto", 8, "repeated"],
  },
  OperatorSetIdProto: { domain: ["string", 1], version: ["int64", 2] },
  GraphProto: {
    node: ["NodeProto", 1, "repeated"],
    name: ["string", 2],
    initializer: ["TensorProto", 5, "repeated"],
    input: ["ValueInfoProto", 11, "repeated"],
    output: ["ValueInfoProto", 12, "repeated"],
  },
  NodeProto: {
    input: ["string", 1, "repeated"],
    output: ["string", 2, "repeated"],
    name: ["string", 3],
    opType: ["string", 4],
    attribute: ["AttributeProto", 5, "repeated"],
    domain: ["string", 7],
  },
  AttributeProto: {
    name: ["string", 1],
    f: ["float", 2],
    i: ["int64", 3],
    ints: ["int64", 8, "repeated"],
    type: ["int32", 20],
  },
  TensorProto: {
    dims: ["int64", 1, "repeated"],
    dataType: ["int32", 2],
    name: ["string", 8],
    rawData: ["bytes", 9],
    externalData: ["StringStringEntryProto", 13, "repeated"],
    dataLocation: ["int32", 14],
  },
  StringStringEntryProto: { key: ["string", 1], value: ["string", 2] },
  ValueInfoProto: { name: ["string", 1], type: ["TypeProto", 2] },
  TypeProto: { tensorType: ["TypeProtoTensor", 1] },
  TypeProtoTensor: { elemType: ["int32", 1], shape: ["TensorShapeProto", 2] },
  TensorShapeProto: { dim: ["Dimension", 1, "repeated"] },
  Dimension: { dimValue: ["int64", 1], dimParam: ["string", 2] },
};

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries(
    Object.entries(messages).map(([name, fields]) => [
      name,
      {
        fields: Object.fromEntries(
          Object.entries(fields).map(([field, [type, id, rule]]) => {
            return [field, { type, id, ...(rule === undefined ? {} : { rule }) }];
          }),
        ),
      },
    ]),
  ),
});

/** TensorProto.DataType */
export const dataTypes = { float32: 1, uint8: 2, int32: 6, int64: 7 } as const;
export type DataType = keyof typeof dataTypes;

/** AttributeProto.AttributeType */
export const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

/** TensorProto.DataLocation */
export const externalLocation = 1;

/** A message given as plain objects with the field names above, as the bytes of a .onnx file. */
export function encodeModel(model: Readonly<Record<string, unknown>>): Uint8Array {
  const type = root.lookupType("ModelProto");
  const problem = type.verify(model);
  if (problem !== null) throw new TypeError(`not a ModelProto: ${problem}`);
  return type.encode(model).finish();
}

/** A weight of a .onnx file, with the entries that say where its bytes lie. */
export interface Initializer {
  readonly name: string;
  readonly externalData: readonly { readonly key: string; readonly value: string }[];
}

/** The weights that a .onnx file has elsewhere. */
export function decodeInitializers(bytes: Uint8Array): Initializer[] {
  const type = root.lookupType("ModelProto");
  const model = type.toObject(type.decode(bytes), { arrays: true });
  const initializers: Initializer[] = model.graph?.initializer ?? [];
  return initializers.map(({ name, externalData }) => ({ name, externalData }));
}
