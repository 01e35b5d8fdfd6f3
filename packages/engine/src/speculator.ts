import { AdaedlError } from "@adaedl/core";
import {
  describeTokenizerMismatch,
  loadTokenizer,
  type ModelTokenizer,
  readGenerationDefaults,
} from "@adaedl/model";
import { type ModelThread, type ModelThreadOptions, openModelThread } from "@adaedl/runtime";
import { type GenerationEvent, generate } from "./generate.ts";
import type { GenerationRequest } from "./generation-request.ts";

export interface SpeculatorOptions {
  readonly target: ModelThreadOptions;
  /** Without a draft model every request is decoded plainly. */
  readonly draft?: ModelThreadOptions | undefined;
}

/** A target and a draft model on one machine, ready for requests. */
export interface Speculator extends AsyncDisposable {
  readonly tokenizer: ModelTokenizer;
  readonly contextLength: number;
  /**
   * Decodes one request. Any number may run at a time; ending the iteration or aborting the signal
   * ends the work.
   * @throws AdaedlError for a bad request (before any model work), an abort, or a model's failure
   */
  generate(request: GenerationRequest, signal?: AbortSignal): AsyncGenerator<GenerationEvent>;
  close(): Promise<void>;
}

/**
 * Opens both models.
 * @throws AdaedlError when one cannot be opened, or `failed_precondition` when their token ids do
 *   not mean the same
 */
export async function openSpeculator(
  options: SpeculatorOptions,
  signal?: AbortSignal,
): Promise<Speculator> {
  const tokenizer = await loadTokenizer(options.target.directory);
  const defaults = await readGenerationDefaults(options.target.directory);
  if (options.draft !== undefined) {
    const mismatch = describeTokenizerMismatch(
      tokenizer,
      await loadTokenizer(options.draft.directory),
    );
    if (mismatch !== undefined)
      throw new AdaedlError(
        "failed_precondition",
        `draft ${options.draft.directory} does not fit target ${options.target.directory}: ${mismatch}`,
        { field: "draft" },
      );
  }
  const threads: ModelThread[] = [];
  const close = async () => {
    await Promise.all(threads.map((thread) => thread.close()));
  };
  try {
    const target = await openModelThread(options.target, signal);
    threads.push(target);
    let draft: ModelThread | undefined;
    if (options.draft !== undefined) {
      draft = await openModelThread(options.draft, signal);
      threads.push(draft);
    }
    return {
      tokenizer,
      contextLength: target.info.contextLength,
      generate: (request, signal) =>
        generate({ target, draft, tokenizer, defaults }, request, signal),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
