import { refusal } from "./api-error.ts";
import type { ApiKey } from "./api-key.ts";
import type { Model } from "./wire.ts";

/**
 * The models that the gateway serves.
 *
 * @throws ApiError where the gateway refuses.
 */
export async function listModels(key: ApiKey): Promise<readonly Model[]> {
  const response = await fetch("v1/models", { headers: key.headers() });
  if (!response.ok) throw await refusal(response);
  const { data } = (await response.json()) as { data: readonly Model[] };
  return data;
}
