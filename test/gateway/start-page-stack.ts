import { openNetworkEmulator } from "@adaedl/network-emulator";
import { findFreePort } from "@adaedl/testing";
import { storyteller } from "../network/start-services.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/**
 * A stack whose gateway serves the page, and whose verifier is so far away that a run is seen to go
 * on: each round takes 20 ms and more, so a text of 40 tokens takes several frames of the screen.
 */
export async function startPageStack(): Promise<GatewayStack> {
  const verifier = { host: "127.0.0.1", port: await findFreePort() };
  const network = await openNetworkEmulator({ upstream: verifier, roundTripMs: 20 });
  try {
    const stack = await startGatewayStack({
      verifier: {
        listen: `${verifier.host}:${verifier.port}`,
        target: { directory: storyteller.target, numThreads: 1, emulatedForwardMs: "2+0.1" },
      },
      drafts: [{ verifiers: [network.address] }],
      gateway: { playground: true },
    });
    return {
      ...stack,
      async [Symbol.asyncDispose]() {
        await stack[Symbol.asyncDispose]();
        await network[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await network[Symbol.asyncDispose]();
    throw error;
  }
}
