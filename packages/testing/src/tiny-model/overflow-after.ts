import type { NamedTensor } from "./safetensors-writer.ts";

/** Weights whose logits overflow right after one token, and are fine after every other. */
export function overflowAfter(badToken: number, tensors: readonly NamedTensor[]): NamedTensor[] {
  // Dimension 0 is 0 for every other token: only the bad one reaches the head's huge column.
  return tensors.map((tensor) => {
    const values = Float32Array.from(tensor.values);
    const [numRows = 0, width = 1] = tensor.shape;
    const column0 = (value: (row: number) => number) => {
      for (let row = 0; row < numRows; row++) values[row * width] = value(row);
    };
    if (/o_proj|down_proj/.test(tensor.name)) values.fill(0, 0, width);
    if (/embed_tokens/.test(tensor.name)) column0((row) => (row === badToken ? 50 : 0));
    if (/lm_head/.test(tensor.name)) column0((row) => (row % 2 === 0 ? 3e38 : -3e38));
    return { ...tensor, values };
  });
}
