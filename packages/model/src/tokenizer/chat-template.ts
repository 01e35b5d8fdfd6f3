import { join } from "node:path";
import { AdaedlError } from "@adaedl/core";
import { readTextIfPresent } from "../directory/read-json.ts";
import { compileTemplate, TemplateRefusal } from "./chat/compile-template.ts";
import type { TokenizerConfig } from "./tokenizer-files.ts";
import { withinTime } from "./within-time.ts";

/** A template is a program of strangers: its steps are bounded, and this is for what they do not show. */
const defaultMaxMs = 5_000;

export interface ChatMessage {
  /** "system", "user", "assistant" or what else the template knows. */
  readonly role: string;
  readonly content: string;
}

/** The way a model wants a conversation written down as one text. */
export interface ChatTemplate {
  /** Why the template cannot be used, in one line; undefined where it can. */
  readonly problem: string | undefined;
  /**
   * Writes the conversation as text, up to the opening of the assistant's turn. The template puts the special tokens (bos too) in itself:
   * encode the result with `addSpecialTokens: false`, else the model sees bos twice.
   *
   * @param maxHoldMs how long it may hold the thread; default 5,000
   * @throws AdaedlError `invalid_argument` with the template's own message when it refuses the
   *   messages or cannot be run, or takes longer (see `isTooSlow`)
   */
  render(messages: readonly ChatMessage[], maxHoldMs?: number): string;
}

/** The Jinja sources of a model's chat templates. */
export interface TemplateSources {
  /** The one conversations are written with; undefined when the model has none. */
  readonly chosen: string | undefined;
  readonly all: readonly unknown[];
}

/**
 * Reads a model's chat templates: chat_template.jinja, or `chat_template` of tokenizer_config.json
 * (of a list the one named "default").
 */
export async function readTemplates(
  directory: string,
  config: TokenizerConfig,
): Promise<TemplateSources> {
  const file = await readTextIfPresent(join(directory, "chat_template.jinja"));
  return { chosen: file ?? configuredTemplate(config), all: [file, config.chat_template] };
}

/**
 * Creates a template from its Jinja source. One that cannot be used is found here, by a short
 * conversation, and kept with its problem: it must not keep the model from completing plain text.
 *
 * @param specialTokens - variables for the template: `bos_token`, `eos_token`, ...
 */
export function createChatTemplate(
  source: string,
  specialTokens: Readonly<Record<string, string>>,
): ChatTemplate {
  const write = (messages: readonly ChatMessage[], maxMs = defaultMaxMs) =>
    withinTime(maxMs, () => {
      compiled ??= compileTemplate(source);
      return compiled({
        ...specialTokens,
        messages,
        add_generation_prompt: true,
        // None and not undefined, as in transformers: templates ask `tools is not none`.
        tools: null,
        documents: null,
      });
    });
  let compiled: ReturnType<typeof compileTemplate> | undefined;
  const problem = problemOf(() => write([{ role: "user", content: "Hello" }]));

  return {
    problem,
    render(messages, maxHoldMs) {
      if (problem !== undefined)
        throw invalid(`the model's chat template cannot be used: ${problem}`);
      try {
        return write(messages, maxHoldMs);
      } catch (error) {
        throw invalid(`chat template: ${reasonOf(error)}`, error);
      }
    },
  };
}

/** A refusal is no problem: the template may want other messages than these. */
function problemOf(render: () => string): string | undefined {
  try {
    render();
  } catch (error) {
    if (!(error instanceof TemplateRefusal)) return reasonOf(error);
  }
  return undefined;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function invalid(message: string, cause?: unknown): AdaedlError {
  return new AdaedlError("invalid_argument", message, { field: "messages", cause });
}

function configuredTemplate({ chat_template: template }: TokenizerConfig): string | undefined {
  if (!Array.isArray(template)) return template ?? undefined;
  return template.find(({ name }) => name === "default")?.template;
}
