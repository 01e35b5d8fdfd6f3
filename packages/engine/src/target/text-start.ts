import { AdaedlError, invalidField } from "@adaedl/core";
import type { ModelInfo, SlotSettings } from "@adaedl/runtime";

/** A text as it is opened at the target, or taken over from elsewhere. */
export interface TextStart {
  readonly sessionId: string;
  /** Who pays: the model's time is shared equally among clients. */
  readonly client: string;
  /** Milliseconds from now that the client waits for the whole text; absent: as long as it takes. */
  readonly deadlineMs?: number | undefined;
  readonly settings: SlotSettings;
  /** Prompt and what is committed already; at least one token. */
  readonly tokenIds: readonly number[];
  /** Forwards may begin while the text is shorter than this; offers give more. */
  readonly credit: number;
  /** Longest text, prompt and output; more than `tokenIds`, at most the target's context. */
  readonly maxLength: number;
  /** Tokens that end the text when they are committed. */
  readonly endTokenIds: ReadonlySet<number>;
  /** Whether nothing drafts beside the target. Default: false. */
  readonly edgeDraftsOnly?: boolean;
}

/** @throws AdaedlError `invalid_argument` or `out_of_range`, naming the field */
export function checkTextStart(start: TextStart, { contextLength }: ModelInfo): void {
  const { tokenIds, maxLength } = start;
  if (tokenIds.length === 0) throw invalidField("token_ids", 0, "must be at least one token");
  if (!(maxLength > tokenIds.length))
    throw invalidField(
      "max_length",
      maxLength,
      `must be more than the ${tokenIds.length} tokens there are`,
    );
  if (maxLength > contextLength)
    throw new AdaedlError(
      "out_of_range",
      `max_length must be at most the target's context of ${contextLength} tokens, got ${maxLength}`,
      { field: "max_length", value: maxLength },
    );
}
