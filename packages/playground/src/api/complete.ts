import { ApiError, refusal } from "./api-error.ts";
import type { ApiKey } from "./api-key.ts";
import type { CompletionRequest } from "./request-body.ts";
import { readEvents } from "./sse.ts";
import type { Chunk } from "./wire.ts";

/**
 * The chunks of a streamed completion, as they arrive.
 *
 * @throws ApiError where the gateway refuses, before the stream or within it; AbortError once
 * `signal` aborts.
 */
export async function* complete(
  { path, body }: CompletionRequest,
  key: ApiKey,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...key.headers() },
    body: JSON.stringify(body),
    signal,
  });
  if (!response.ok) throw await refusal(response);
  if (response.body === null) throw new ApiError(response.status, "The answer has no body.");
  for await (const event of readEvents(response.body)) {
    if (event === "[DONE]") return;
    const chunk = JSON.parse(event) as Chunk;
    if (chunk.error !== undefined) throw new ApiError(response.status, chunk.error.message);
    yield chunk;
  }
  throw new ApiError(response.status, "The stream broke off before its end.");
}
