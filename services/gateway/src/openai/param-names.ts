import { AdaedlError } from "@adaedl/core";

/** What a draft service calls a field, and what the API does. */
const names: readonly (readonly [ours: RegExp, theirs: string])[] = [
  [/^(chat\.)?messages$|^chat$/, "messages"],
  [/^prompt token ids(?=\[)/, "prompt"],
  [/^maxTokens$/, "max_tokens"],
  [/^numTopLogprobs$/, "logprobs"],
  [/^maxDraft$/, "adaedl.max_draft"],
  [/^verification$/, "adaedl.verification"],
  [/^policy( \w+)*/, "adaedl.policy"],
  [/^topP$/, "top_p"],
  [/^topK$/, "top_k"],
  [/^minP$/, "min_p"],
  [/^repetitionPenalty$/, "repetition_penalty"],
  [/^presencePenalty$/, "presence_penalty"],
  [/^frequencyPenalty$/, "frequency_penalty"],
  [/^logitBias( token id)?/, "logit_bias"],
];

/** The same error in the words of the API, where it is about a field of the request. */
export function inApiWords(error: AdaedlError): AdaedlError {
  const { field, code, value, retryAfterMs, cause, message } = error;
  const [ours, theirs] = names.find(([ours]) => ours.test(field ?? "")) ?? [];
  if (field === undefined || ours === undefined || theirs === undefined) return error;
  const name = field.replace(ours, theirs);
  const text = message.startsWith(field) ? name + message.slice(field.length) : message;
  return new AdaedlError(code, text, { field: name, value, retryAfterMs, cause });
}
