import type * as z from "zod";
import type { Dialect } from "./answer.ts";
import { chatRequest } from "./chat-request.ts";
import { completionsRequest } from "./completions-request.ts";
import { chatDialect, completionsDialect } from "./dialects.ts";
import type { Job } from "./job.ts";
import { chatJob } from "./parse-chat.ts";
import { completionsJob } from "./parse-completions.ts";

/** One of the two ways to ask for text. */
export interface Endpoint {
  readonly path: string;
  readonly summary: string;
  /** What a body has to be. */
  readonly schema: z.ZodObject;
  readonly dialect: Dialect;
  /** @param body checked against the schema @throws AdaedlError for fields that do not go together */
  job(body: unknown): Job;
}

export const endpoints: readonly Endpoint[] = [
  {
    path: "/v1/completions",
    summary: "Continues a prompt",
    schema: completionsRequest,
    dialect: completionsDialect,
    job: (body) => completionsJob(body as z.infer<typeof completionsRequest>),
  },
  {
    path: "/v1/chat/completions",
    summary: "Answers in a conversation, written down with the model's chat template",
    schema: chatRequest,
    dialect: chatDialect,
    job: (body) => chatJob(body as z.infer<typeof chatRequest>),
  },
];
