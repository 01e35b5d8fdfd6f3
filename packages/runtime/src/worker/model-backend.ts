import type { LogitsRow } from "@adaedl/core";
import type { ModelInfo } from "../messages.ts";
import type { SlotCache } from "./slot-cache.ts";

/** The tokens of one slot in one forward, checked. */
export interface BackendStep {
  readonly cache: SlotCache;
  readonly tokenIds: readonly number[];
  /** Indices into tokenIds of the rows to return, ascending. */
  readonly rows: readonly number[];
  /** Temperature at which the graph sums up these rows, above 0. */
  readonly temperature: number;
  readonly needsLogits: boolean;
}

/** A way to run a model: our own graph, or an exported one. */
export interface ModelBackend {
  readonly info: Omit<ModelInfo, "provider" | "parallel">;
  /** Tokens of the head of a row that comes without all logits. */
  readonly numTop: number;
  createCache(): SlotCache;
  /**
   * One forward over all steps. Appends each step's rows to its cache.
   * @returns the rows asked for, step by step
   */
  forward(steps: readonly BackendStep[]): Promise<LogitsRow[][]>;
  /**
   * Opens one of the graphs that later forwards will need, where that takes so long that a forward should not.
   * @returns whether there may be more
   */
  openAhead?(): Promise<boolean>;
  close(): Promise<void>;
}
