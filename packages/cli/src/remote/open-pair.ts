import type { ExamplePairName } from "@adaedl/example-models";
import type { GenerationClient } from "@adaedl/protocol";
import { type EmulatedTimes, isEmulated } from "../settings/emulated-time.ts";
import { type PairWeights, weightArguments } from "../settings/weights.ts";
import { spawnService } from "./spawn-service.ts";

/** Both services of a built-in pair in processes of their own. */
export interface OpenPair extends AsyncDisposable {
  readonly verifierAddress: string;
  readonly draftAddress: string;
  /** Of the draft service. */
  readonly client: GenerationClient;
}

interface PairOptions extends EmulatedTimes, PairWeights {
  /** Whether policies are to be compared: the verifier then drafts nothing itself. */
  readonly isMeasured?: boolean;
}

/**
 * Starts a verifier and a draft service of one thread each, with an emulated network between them.
 * @throws AdaedlError when one does not start; nothing is left running then
 */
export async function openPair(
  pair: ExamplePairName,
  rttMs: number,
  signal: AbortSignal,
  { emulateForwardMs, emulateDraftMs, isMeasured, ...precisions }: PairOptions = {},
): Promise<OpenPair> {
  const { openNetworkEmulator } = await import("@adaedl/network-emulator");
  const { openGenerationClient } = await import("@adaedl/protocol");
  const service = ["--pair", pair, "--listen", "127.0.0.1:0", "--threads", "1"];
  const weights = weightArguments(precisions);
  const opened: AsyncDisposable[] = [];
  /** In the order in which `await using` would: a service before what it speaks to. */
  const close = async () => {
    for (const one of opened.toReversed()) await one[Symbol.asyncDispose]();
  };
  try {
    const forwardTime = emulated("--emulate-forward-ms", emulateForwardMs);
    const suffix = isMeasured ? ["--suffix-tokens", "0"] : [];
    const verifier = await spawnService(
      ["verifier", ...service, ...weights.verifier, ...forwardTime, ...suffix],
      signal,
    );
    opened.push(verifier);
    const network = await openNetworkEmulator({
      upstream: endpointOf(verifier.address),
      roundTripMs: rttMs,
    });
    opened.push(network);
    const towards = ["--verifier", network.address];
    const draftTime = emulated("--emulate-draft-ms", emulateDraftMs);
    const draft = await spawnService(
      ["draft", ...service, ...weights.draft, ...towards, ...draftTime],
      signal,
    );
    opened.push(draft);
    const client = openGenerationClient({ address: draft.address });
    return {
      verifierAddress: verifier.address,
      draftAddress: draft.address,
      client,
      async [Symbol.asyncDispose]() {
        client.close();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function emulated(name: string, value: string | undefined): string[] {
  return isEmulated(value) ? [name, value] : [];
}

function endpointOf(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`tcp://${address}`);
  return { host: hostname, port: Number(port) };
}
