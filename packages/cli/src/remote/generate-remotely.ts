import type { CommittedToken } from "@adaedl/core";
import type { GenerateRequest, GenerationClient, Started } from "@adaedl/protocol";
import type { Generation } from "../generation.ts";

/** A generation at a draft service, and what it was asked with its defaults filled in. */
export interface RemoteGeneration {
  readonly generation: Generation;
  readonly started: Started;
}

/**
 * Takes a generation from a draft service to its end.
 * @param onToken called with each token as it arrives
 */
export async function generateRemotely(
  client: GenerationClient,
  request: GenerateRequest,
  signal: AbortSignal,
  onStarted: (started: Started) => void = () => {},
  onToken: (token: CommittedToken) => void = () => {},
): Promise<RemoteGeneration> {
  let started: Started | undefined;
  let text = "";
  const tokenIds: number[] = [];
  for await (const event of client.generate(request, signal)) {
    if (event.type === "started") {
      started = event;
      onStarted(event);
    } else if (event.type === "token") {
      text += event.text;
      tokenIds.push(event.tokenId);
      onToken(event);
    } else if (event.type === "finished" && started !== undefined) {
      const { finishReason, statistics } = event;
      const generation = { text, tokenIds, finishReason, statistics, network: statistics };
      return { generation, started };
    }
  }
  throw new Error("the generation ended without a result");
}
