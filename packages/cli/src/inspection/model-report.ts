import type { WeightPrecision } from "@adaedl/core";
import type { WeightSizes } from "@adaedl/model";

/** What a model directory is, and whether it will run. Null: not known, or not there. */
export interface ModelReport {
  readonly directory: string;
  /** "safetensors": the graph is built here. "onnx-export": somebody else's graph. */
  readonly format: "safetensors" | "onnx-export" | null;
  readonly architecture: string | null;
  readonly numParameters: number | null;
  /** Number formats of the weights on disk, such as BF16. */
  readonly weightTypes: readonly string[] | null;
  /** Bytes of the weights that are prepared for each `--weights`, on disk and in memory. */
  readonly preparedBytes: Readonly<Record<WeightPrecision, WeightSizes>> | null;
  /** Bytes of a token's keys and values. */
  readonly kvBytesPerToken: number | null;
  /** Its precision as a draft model on the CPU, unless another one is chosen. */
  readonly draftWeights: WeightPrecision | null;
  readonly numLayers: number | null;
  readonly hiddenSize: number | null;
  readonly numHeads: number | null;
  readonly numKeyValueHeads: number | null;
  readonly headDim: number | null;
  readonly vocabSize: number | null;
  readonly contextLength: number | null;
  readonly ropeType: string | null;
  /** Places that it drafts in one forward, where it was trained for that, and the id of its mask. */
  readonly parallelDrafting: { readonly depth: number; readonly maskTokenId: number } | null;
  readonly tokenizerKind: string | null;
  readonly tokenizerSize: number | null;
  readonly bosToken: NamedToken | null;
  /** The tokens that end an output. */
  readonly eosTokens: readonly NamedToken[];
  readonly hasChatTemplate: boolean | null;
  /** Why the chat template that there is cannot be used. */
  readonly chatTemplateProblem: string | null;
  /** All files in the directory. */
  readonly sizeBytes: number;
  readonly runs: boolean;
  /** Why not; empty when it runs. */
  readonly problems: readonly string[];
}

export interface NamedToken {
  readonly id: number;
  /** As the vocabulary spells it; null for an id without a token. */
  readonly token: string | null;
}
