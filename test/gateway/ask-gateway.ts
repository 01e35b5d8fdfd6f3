import type OpenAI from "openai";

export const model = "storyteller-target";
export const prompt = "The captain looked at the letter and";

/** Fields that the client's types do not know: ours, and what clients of vLLM send. */
export interface MoreFields {
  readonly ignore_eos?: boolean;
  readonly top_k?: number;
  readonly repetition_penalty?: number;
  readonly adaedl?: {
    readonly policy?: string;
    readonly max_draft?: number;
    readonly verification?: "shared-noise" | "rejection";
    readonly draft?: boolean;
    readonly details?: boolean;
  };
}

/** What speculation did, as far as tests look at it. */
export interface Speculation {
  readonly policy: string;
  readonly verification: string;
  readonly seed: number;
  readonly commits: number;
  readonly drafted: number;
  readonly accepted: number;
  readonly acceptance_rate: number | null;
  readonly mean_acceptance_length: number | null;
  readonly target_forwards: number;
  readonly draft_forwards: number;
  readonly duration_ms: number;
}

export interface Timings {
  readonly prompt_n: number;
  readonly predicted_n: number;
  readonly predicted_ms: number;
  readonly predicted_per_token_ms: number;
  readonly predicted_per_second: number;
  readonly draft_n?: number;
  readonly draft_n_accepted?: number;
}

export interface Statistics {
  readonly speculation: Speculation;
  readonly timings: Timings;
}

/** A commit, in the answer's `adaedl` where details are asked for. */
export interface CommitDetails {
  readonly draft_tokens: readonly { readonly id: number; readonly text: string }[];
  readonly num_accepted: number;
  readonly end_reason: string | null;
}

type CompletionFields = Omit<OpenAI.CompletionCreateParamsNonStreaming, "model"> & MoreFields;
type ChatParams = OpenAI.Chat.ChatCompletionCreateParamsNonStreaming;
export type ChatFields = Omit<ChatParams, "model"> & MoreFields;
type RequestOptions = OpenAI.RequestOptions;

/** `POST /v1/completions`, with the model filled in. */
export async function complete(
  client: OpenAI,
  fields: CompletionFields,
  options?: RequestOptions,
): Promise<OpenAI.Completion & Statistics> {
  const answer = await client.completions.create({ model, ...fields }, options);
  return answer as OpenAI.Completion & Statistics;
}

/** The same as a stream; the client is handed its events one by one. */
export async function openStream(
  client: OpenAI,
  fields: Omit<CompletionFields, "stream">,
  options?: RequestOptions,
): Promise<AsyncIterable<OpenAI.Completion>> {
  return client.completions.create({ model, ...fields, stream: true }, options);
}

/** All events of that stream. */
export async function streamed(
  client: OpenAI,
  fields: Omit<CompletionFields, "stream">,
): Promise<(OpenAI.Completion & Partial<Statistics>)[]> {
  return collect(await openStream(client, fields));
}

/** `POST /v1/chat/completions`, with the model filled in. */
export async function chat(
  client: OpenAI,
  fields: ChatFields,
): Promise<OpenAI.Chat.ChatCompletion & Statistics> {
  const answer = await client.chat.completions.create({ model, ...fields });
  return answer as OpenAI.Chat.ChatCompletion & Statistics;
}

/** All events of the same as a stream. */
export async function chatStreamed(
  client: OpenAI,
  fields: Omit<ChatFields, "stream">,
): Promise<OpenAI.Chat.ChatCompletionChunk[]> {
  return collect(await client.chat.completions.create({ model, ...fields, stream: true }));
}

export async function collect<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** The text of a choice whose events these are, among others. */
export function textOf(chunks: readonly OpenAI.Completion[], index = 0): string {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return choices.flatMap((choice) => (choice.index === index ? choice.text : [])).join("");
}

/** The same of a chat. */
export function contentOf(chunks: readonly OpenAI.Chat.ChatCompletionChunk[], index = 0): string {
  const choices = chunks.flatMap((chunk) => chunk.choices);
  return choices
    .flatMap((choice) => (choice.index === index ? (choice.delta.content ?? "") : []))
    .join("");
}
