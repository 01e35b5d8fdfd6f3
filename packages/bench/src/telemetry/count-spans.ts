/**
 * Spans of an OTLP request in protobuf: `resource_spans` → `scope_spans` → `spans`, fields 1, 2 and 2.
 * Nothing else of it is read.
 * @throws RangeError when it ends in the middle
 */
export function countSpans(message: Uint8Array): number {
  let numSpans = 0;
  for (const resourceSpans of fields(message, 1))
    for (const scopeSpans of fields(resourceSpans, 2))
      for (const _ of fields(scopeSpans, 2)) numSpans++;
  return numSpans;
}

/** Bytes that follow a tag of each wire type of fixed size. */
const fixedSizes: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** The values of a field that has a length: messages, strings and bytes. */
function* fields(message: Uint8Array, wanted: number): Generator<Uint8Array> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError("the message ends in the middle");
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    const wireType = tag & 7;
    if (wireType === 0) varint();
    else if (wireType === 2) {
      const length = varint();
      if (at + length > message.length) throw new RangeError("the message ends in the middle");
      if (tag >>> 3 === wanted) yield message.subarray(at, at + length);
      at += length;
    } else at += fixedSizes[wireType] ?? message.length;
  }
}
