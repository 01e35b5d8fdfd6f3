import type {
  ErrorCode,
  Fence,
  Guess,
  GuessEvidence,
  Judgement,
  ModelPlace,
  SamplingParams,
  SharedTokens,
  TokenLogprob,
  VerificationRuleName,
  WeightPrecision,
} from "@adaedl/core";
import type { ChatMessage, ParallelDrafting } from "@adaedl/model";

/** Which model to open, and how. */
export interface ModelThreadOptions {
  /** A model directory: safetensors weights or an exported graph. */
  readonly directory: string;
  /** onnxruntime's execution provider: cpu, cuda, webgpu, … */
  readonly provider?: string;
  /** How weights are stored and multiplied; default: f32. An exported graph has its own, whatever they are. */
  readonly weights?: WeightPrecision;
  /** Threads of one forward; default: one less than there are cores. */
  readonly numThreads?: number;
  /**
   * Emulated model time, `FORWARD` or `FORWARD+ROW` in milliseconds: a forward of n rows takes at least
   * FORWARD + ROW·(n−1), by sleeping. Only with the provider cpu.
   */
  readonly emulatedForwardMs?: string;
  /** Folder of built graphs. */
  readonly cacheDirectory?: string;
}

export const defaultProvider = "cpu";

/** What the opened model is. */
export interface ModelInfo {
  readonly format: "safetensors" | "onnx-export";
  /** Precision of its weights; those of an exported graph are its own. */
  readonly weights: WeightPrecision | "exported";
  readonly vocabSize: number;
  /** Longest prompt + output in tokens. */
  readonly contextLength: number;
  /** Bytes that one token's row takes in a slot, and how many rows room is made for at a time. */
  readonly rowBytes: number;
  readonly rowBlock: number;
  readonly provider: string;
  /** Present where it was trained to draft several places in a forward. */
  readonly parallel?: ParallelDrafting | undefined;
  /** Fingerprint of its arithmetic, where that was taken: `withNumerics`. */
  readonly numerics?: string | undefined;
}

/** How tokens are chosen in a slot; fixed while the slot is open. */
export interface SlotSettings {
  readonly sampling: SamplingParams;
  readonly seed: number;
  readonly verification: VerificationRuleName;
  /** Tokens at the start of the sequence that penalties on output leave out. */
  readonly numPromptTokens: number;
  /** Whether judgements come with the target's log-probability; needs all logits of each row. */
  readonly wantsLogprobs?: boolean;
  /** With them, those of so many of the most probable tokens; default 0. */
  readonly numTopLogprobs?: number;
  /** Of how many of the most probable tokens judgements come with the ids; default 0. */
  readonly numSuccessors?: number;
  /** Draft tokens are these, by the target's ids; default: any token of the model, by its own. */
  readonly sharedTokens?: SharedTokens | undefined;
}

/** What one forward does in one slot. */
export interface SlotStep {
  readonly slotId: number;
  /** The text whose rows in the slot's cache still hold: the rest is rolled back first. */
  readonly keep: Fence;
  /** At least one token; they take the positions after `keep`, and their rows are committed. */
  readonly tokenIds: readonly number[];
  /** What to read, in any order. */
  readonly reads: readonly RowRead[];
  /** Length of the true sequence when the round began. */
  readonly roundStart: number;
}

/** What to make of the model's word after `tokenIds[index]`. */
export type RowRead =
  | { readonly kind: "guess"; readonly index: number }
  | ProposeRead
  | { readonly kind: "judge"; readonly index: number; readonly guess?: Guess }
  | { readonly kind: "logits"; readonly index: number };

/** What the draft model would draft. */
export interface ProposeRead {
  readonly kind: "propose";
  readonly index: number;
  /** Most candidates, 1 or more. */
  readonly count: number;
  /** Index of the token in the target's text; default: the one in the slot, for models that share their tokens. */
  readonly position?: number | undefined;
}

export type RowResult =
  | { readonly kind: "guess"; readonly guess: Guess; readonly evidence: GuessEvidence }
  /** The target has none of the tokens that the model would draft here. */
  | { readonly kind: "no-guess" }
  | { readonly kind: "propose"; readonly place: ModelPlace }
  | {
      readonly kind: "judge";
      readonly judgement: Judgement;
      /** Natural log-probability of the judgement's token at temperature 1, when asked for. */
      readonly logprob?: number;
      /** Likewise of the most probable tokens, the most probable first; with ties the lower id. */
      readonly topLogprobs?: readonly TokenLogprob[];
      /** The most probable tokens of the model itself, the most probable first, when asked for. */
      readonly successors?: readonly number[];
    }
  | { readonly kind: "logits"; readonly logits: Float32Array };

/** One slot's part of a step: its rows in the order of `reads`, or what went wrong with it alone. */
export type SlotResult = { readonly rows: readonly RowResult[] } | { readonly error: ErrorMessage };

/** An AdaedlError in a form that crosses a thread boundary. */
export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly message: string;
  readonly field?: string;
  /** As text where it was not a plain value. */
  readonly value?: string | number | boolean;
  readonly stack?: string;
}

/** Host to worker. Every request is answered once, in the order of the requests. */
export type WorkerRequest =
  | { readonly type: "openSlot"; readonly settings: SlotSettings }
  | { readonly type: "forkSlot"; readonly slotId: number }
  | { readonly type: "closeSlot"; readonly slotId: number }
  | { readonly type: "forward"; readonly steps: readonly SlotStep[] }
  | { readonly type: "close" };

/** What the host posts: a request, or the id of one that nobody waits for any more. */
export type HostMessage<Request = WorkerRequest> =
  | { readonly id: number; readonly request: Request }
  | { readonly cancelledId: number };

/** Which tokenizer to open in a thread. */
export interface TokenizerThreadOptions {
  /** Where its files lie. */
  readonly directory: string;
  /** What they have to be: `digests.all`. */
  readonly digest: string;
}

/** Host to the worker of a tokenizer; texts are encoded in turns, and answered as they are ready. */
export type TokenizerRequest =
  | { readonly type: "encode"; readonly text: string; readonly options: EncodeOptions }
  | { readonly type: "writeChat"; readonly messages: readonly ChatMessage[] }
  | { readonly type: "close" };

/** As those of `ModelTokenizer.encodeInTurns`. */
export interface EncodeOptions {
  readonly addSpecialTokens?: boolean | undefined;
  readonly maxTokens?: number | undefined;
}

/** Worker to host. */
export type WorkerAnswer =
  /** No answer to a request: a line for the log. */
  | { readonly type: "warning"; readonly name: string; readonly message: string }
  /** With a `ModelInfo` where a model was opened. */
  | { readonly type: "opened"; readonly info?: unknown }
  | { readonly type: "done"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly error: ErrorMessage };

/** The id of the answer to opening the model itself. */
export const openingId = 0;
