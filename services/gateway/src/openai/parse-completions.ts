import type { Prompt } from "@adaedl/protocol";
import { type CompletionsRequest, defaultMaxTokens } from "./completions-request.ts";
import { createJob, type Job } from "./job.ts";

/** @throws AdaedlError for fields that do not go together */
export function completionsJob(request: CompletionsRequest): Job {
  return createJob(request, {
    prompts: promptsOf(request.prompt),
    maxTokens: request.max_tokens ?? defaultMaxTokens,
    numTopLogprobs: request.logprobs ?? undefined,
  });
}

function promptsOf(prompt: CompletionsRequest["prompt"]): readonly Prompt[] {
  if (typeof prompt === "string") return [{ type: "text", text: prompt }];
  if (isTokenIds(prompt)) return [{ type: "tokenIds", tokenIds: prompt }];
  return prompt.map((one) =>
    typeof one === "string" ? { type: "text", text: one } : { type: "tokenIds", tokenIds: one },
  );
}

function isTokenIds(prompt: string[] | number[] | number[][]): prompt is number[] {
  return typeof prompt[0] === "number";
}
