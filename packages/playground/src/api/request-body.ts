/** What the user asks for. */
export interface Question {
  readonly model: string;
  readonly prompt: string;
  /** Whether the prompt is a message to answer, rather than a text to continue. */
  readonly chat: boolean;
  /** Empty: the model's own. */
  readonly policy: string;
  readonly temperature: number;
  readonly maxTokens: number;
  /** Undefined: the gateway picks one. */
  readonly seed: number | undefined;
}

/** The request for a question. */
export interface CompletionRequest {
  /** Relative to the page, which may be served under a path of some host. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Where to send `question`, and what. */
export function completionRequest(question: Question): CompletionRequest {
  const { model, prompt, chat, policy, temperature, maxTokens, seed } = question;
  const sampling = { temperature, max_tokens: maxTokens, ...(seed === undefined ? {} : { seed }) };
  const adaedl = { ...(policy === "" ? {} : { policy }), details: true };
  const streaming = { stream: true, stream_options: { include_usage: true } };
  return chat
    ? {
        path: "v1/chat/completions",
        body: {
          model,
          messages: [{ role: "user", content: prompt }],
          ...sampling,
          ...streaming,
          adaedl,
        },
      }
    : {
        path: "v1/completions",
        body: { model, prompt, ...sampling, ...streaming, adaedl },
      };
}
