import type { ApiKey } from "./api-key.ts";
import { askGateway } from "./ask-gateway.ts";
import type { Model } from "./wire.ts";

/**
 * The models that the gateway serves.
 *
 * @throws ApiError where the gateway cannot be reached or refuses.
 */
export async function listModels(key: ApiKey): Promise<readonly Model[]> {
  const response = await askGateway("v1/models", key);
  const { data } = (await response.json()) as { data: readonly Model[] };
  return data;
}
