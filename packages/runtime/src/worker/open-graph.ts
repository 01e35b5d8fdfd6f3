import { Tensor } from "onnxruntime-node";
import { openSession } from "./session-options.ts";

/** A tensor that a graph takes. The array is passed on, not copied. */
export interface GraphInput {
  readonly data: Float32Array | BigInt64Array;
  readonly dims: readonly number[];
}

/** A graph of float32 results. */
export interface OpenGraph {
  /** All outputs, by name. Each is a fresh array. */
  run(inputs: Readonly<Record<string, GraphInput>>): Promise<ReadonlyMap<string, Float32Array>>;
  close(): Promise<void>;
}

/**
 * Opens a graph of any kind on the CPU; call it in a worker thread.
 * @param graph the bytes of a .onnx file
 * @throws AdaedlError `failed_precondition` with onnxruntime's reason
 */
export async function openGraph(
  graph: Uint8Array,
  options: { readonly numThreads?: number } = {},
): Promise<OpenGraph> {
  const session = await openSession(graph, options, false); // the plan of a training step took 1.7 times the memory
  return {
    async run(inputs) {
      const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [
        name,
        data instanceof Float32Array
          ? new Tensor("float32", data, dims)
          : new Tensor("int64", data, dims),
      ]);
      const outputs = await session.run(Object.fromEntries(feeds));
      return new Map(
        Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    close: () => session.release(),
  };
}
