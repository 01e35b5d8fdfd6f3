import { randomUUID } from "node:crypto";
import type { FinishReason } from "@adaedl/core";
import type { GeneratedToken } from "@adaedl/protocol";

/** How one of the two endpoints writes its answers. */
export interface Dialect {
  /** What OpenTelemetry calls it. */
  readonly operation: string;
  readonly idPrefix: string;
  readonly object: string;
  readonly chunkObject: string;
  /** A choice of a whole answer. */
  wholeChoice(index: number, choice: ChoiceParts): object;
  /** A choice of one event of a stream; `finishReason` is set in its last one only. */
  deltaChoice(index: number, choice: DeltaParts): object;
  /** The first event of a choice, where it has one of its own. */
  openingChoice?(index: number): object;
  /** @param textOffset characters of the output before these tokens */
  logprobs(tokens: readonly GeneratedToken[], textOffset: number): object;
}

export interface DeltaParts {
  readonly text: string;
  readonly logprobs: object | null;
  readonly finishReason: FinishReason | null;
}

export interface ChoiceParts extends DeltaParts {
  readonly finishReason: FinishReason;
}

/** What is the same in every event of an answer. */
export interface Envelope {
  readonly id: string;
  readonly object: string;
  /** Seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

export function createEnvelope(dialect: Dialect, isStream: boolean, model: string): Envelope {
  return {
    id: `${dialect.idPrefix}-${randomUUID().replaceAll("-", "")}`,
    object: isStream ? dialect.chunkObject : dialect.object,
    created: Math.floor(Date.now() / 1000),
    model,
  };
}
