import { AdaedlError, Text } from "@adaedl/core";
import { receiveAnswer, type VerificationClient, type VerifierDescription } from "@adaedl/protocol";

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
  const stream = client.openStream();
  try {
    await stream.send(
      {
        type: "open",
        sessionId: `tenant-${seed}`,
        protocolVersion,
        vocabulary,
        modelId,
        promptTokenIds,
        committedTokenIds: [],
        sampling: { temperature: 0.7 },
        seed,
        verification: "shared-noise",
        maxTokens: numTokens,
        wantsLogprobs: false,
        numTopLogprobs: 0,
        nextRound: 0,
      },
      signal,
    );
    await receiveAnswer(stream, signal);
    await stream.send(
      {
        type: "endOfDraft",
        round: 0,
        committedLength: promptTokenIds.length,
        committedHash: new Text(promptTokenIds).fence().hash,
        numPlainTokens: numTokens - 1,
      },
      signal,
    );
    for (let count = 0; count < numTokens; count++) {
      const verdict = await receiveAnswer(stream, signal);
      if (verdict?.type !== "verdict")
        throw new AdaedlError("internal", `a verdict was expected, not ${verdict?.type}`);
      onToken();
    }
  } finally {
    stream.close();
  }
}
