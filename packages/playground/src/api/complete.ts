import { ApiError } from "./api-error.ts";
import type { ApiKey } from "./api-key.ts";
import { askGateway } from "./ask-gateway.ts";
import type { CompletionRequest } from "./request-body.ts";
import { readEvents } from "./sse.ts";
import type { Chunk } from "./wire.ts";

/**
 * The chunks of a streamed completion, as they arrive.
 *
 * @throws ApiError where the gateway cannot be reached or refuses, before the stream or within it;
 * AbortError once `signal` aborts.
 */
export async function* complete(
  { path, body }: CompletionRequest,
  key: ApiKey,
  signal: AbortSignal,
): AsyncGenerator<Chunk> {
  const response = await askGateway(path, key, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  if (response.body === null) throw connectionLost();
  const events = readEvents(response.body);
  for (;;) {
    // A connection that breaks off rejects the read; one that the gateway closes early ends it.
    const next = await events.next().catch((error) => {
      throw signal.aborted || !(error instanceof TypeError) ? error : connectionLost();
    });
    if (next.done) throw connectionLost();
    if (next.value === "[DONE]") return;
    const chunk = JSON.parse(next.value) as Chunk;
    // The request itself was accepted, so that its failure may pass.
    if (chunk.error !== undefined) throw new ApiError(response.status, chunk.error.message, true);
    yield chunk;
  }
}

function connectionLost(): ApiError {
  return new ApiError(0, "The connection to the gateway was lost.");
}
