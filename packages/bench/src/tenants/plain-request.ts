import { AdaedlError } from "@adaedl/core";
import type { VerificationClient, VerifierDescription } from "@adaedl/protocol";

/**
 * Has a verifier write a text without drafts: nothing but its own work is measured.
 * @param onToken called for each token that arrives
 */
export async function requestPlain(
  client: VerificationClient,
  { vocabulary, modelId, protocolVersion }: VerifierDescription,
  seed: number,
  numTokens: number,
  signal: AbortSignal,
  onToken: () => void,
): Promise<void> {
  const promptTokenIds = Array.from({ length: 8 }, (_, index) => (seed * 31 + index * 7) % 250);
  const stream = client.openStream({
    type: "open",
    sessionId: `tenant-${seed}`,
    protocolVersion,
    vocabulary,
    modelId,
    promptTokenIds,
    committedTokenIds: [],
    endTokenIds: [],
    credit: promptTokenIds.length + numTokens,
    sampling: { temperature: 0.7 },
    seed,
    verification: "shared-noise",
    maxTokens: numTokens,
    wantsLogprobs: false,
    numTopLogprobs: 0,
  });
  try {
    for (let numReceived = 0; numReceived < numTokens; ) {
      const message = await stream.receive(signal);
      if (message === undefined || message.type === "finished")
        throw new AdaedlError(
          "internal",
          `the verifier wrote ${numReceived} of ${numTokens} tokens`,
        );
      if (message.type !== "commit") continue;
      for (const _ of message.commit.tokenIds) onToken();
      numReceived += message.commit.tokenIds.length;
    }
  } finally {
    stream.close();
  }
}
