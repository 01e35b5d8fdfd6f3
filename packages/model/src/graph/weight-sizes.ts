import {
  alignUp,
  bytesOf,
  packedBytes,
  productsOf,
  type WeightLayouts,
  weightFileBytes,
} from "./weight-layout.ts";
import { embeddingName } from "./weight-plan.ts";

/** Smaller models are not packed: their graphs open faster than packed weights are written. */
export const leastPackedBytes = 1 << 26;

/** Bytes of weights that are packed at a time, and held in memory; a larger tensor is a group of its own. */
export const groupBytes = 1 << 25;

/** What the weights of a prepared model take, in bytes. */
export interface WeightSizes {
  /** In the cache folder. */
  readonly disk: number;
  /** In memory, once on a machine: mapped from the file by each graph and process. */
  readonly shared: number;
  /** In memory, for each graph that is open: what it packs for itself. */
  readonly perGraph: number;
}

export function sizesOf(layouts: WeightLayouts): WeightSizes {
  const file = weightFileBytes(layouts);
  const packed = packedBytes(layouts);
  const products = productsOf(layouts);
  let asWritten = 0;
  for (const [name, { values, scales }] of layouts) {
    if (!products.has(name) || name === embeddingName) asWritten += bytesOf(values);
    if (scales !== undefined) asWritten += bytesOf(scales);
  }
  return file < leastPackedBytes
    ? { disk: file, shared: asWritten, perGraph: packed }
    : { disk: alignUp(file) + packed, shared: asWritten + packed, perGraph: 0 };
}

/** The room that is taken while a model is packed, and afterwards, beyond its weights'. */
export function packingBytes(layouts: WeightLayouts): number {
  const largest = Math.max(...[...layouts.values()].map(({ values }) => bytesOf(values)));
  return packedBytes(layouts) + 3 * Math.max(groupBytes, largest); // weights of a group, and twice as much at most
}
