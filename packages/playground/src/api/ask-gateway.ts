import { ApiError, refusal } from "./api-error.ts";
import type { ApiKey } from "./api-key.ts";

/**
 * Sends a request to the gateway that serves the page.
 *
 * @param path relative to the page, which may be served under a path of some host
 * @throws ApiError where the gateway cannot be reached or refuses; AbortError once the signal aborts
 */
export async function askGateway(
  path: string,
  key: ApiKey,
  init: RequestInit = {},
): Promise<Response> {
  const headers = { ...init.headers, ...key.headers() };
  const response = await fetch(path, { ...init, headers }).catch((error) => {
    if (init.signal?.aborted) throw error;
    throw new ApiError(0, "The gateway does not answer. Is it still running?");
  });
  if (!response.ok) throw await refusal(response);
  return response;
}
