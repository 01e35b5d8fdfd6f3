import { once } from "node:events";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exampleModelDirectory } from "@adaedl/example-models";
import { openGenerationClient } from "@adaedl/protocol";
import { afterEach, expect, onTestFinished, test } from "vitest";
import { startTestDraftService, startTestVerifier } from "./start-services.ts";

const taken: Server[] = [];
afterEach(async () => {
  for (const server of taken.splice(0)) await new Promise((resolve) => server.close(resolve));
});

/** An address that somebody listens on. */
async function takenAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  taken.push(server);
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An address that nobody listens on. */
async function freeAddress(): Promise<string> {
  const address = await takenAddress();
  await new Promise((resolve) => taken.pop()?.close(resolve));
  return address;
}

test("a verifier knows that its address for metrics is taken before it opens the model", async () => {
  const metricsListen = await takenAddress();
  const target = { directory: "no-model" };
  await expect(startTestVerifier({ target, metricsListen })).rejects.toThrow(
    `cannot listen on ${metricsListen} for metrics`,
  );
});

test("a verifier whose tokenizer cannot be read does not wait for its model", async () => {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-no-tokenizer-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  cpSync(exampleModelDirectory("storyteller-target"), directory, { recursive: true });
  rmSync(join(directory, "tokenizer.json"));
  // The forward that takes the target's fingerprint sleeps for as long.
  const target = { directory, emulatedForwardMs: "60000" };
  await expect(startTestVerifier({ target })).rejects.toThrow("tokenizer.json");
});

test.each(["listen", "metricsListen"])(
  "a draft service knows that its %s is taken before it opens the model",
  async (option) => {
    const draft = { directory: "no-model" };
    const options = { draft, [option]: await takenAddress() };
    await expect(startTestDraftService(["127.0.0.1:1"], options)).rejects.toThrow("listen on");
  },
);

test("a draft service reads certificates before it opens the model", async () => {
  const options = { draft: { directory: "no-model" }, verifierTls: { caFile: "no-file" } };
  await expect(startTestDraftService(["127.0.0.1:1"], options)).rejects.toThrow("no-file");
});

test("a draft service that waits for a verifier answers, and says that it does not serve", async () => {
  const [listen, metricsListen, address] = [
    await freeAddress(),
    await freeAddress(),
    await freeAddress(),
  ];
  const starting = startTestDraftService([address], { listen, metricsListen });
  const client = openGenerationClient({ address: listen });
  const metricsStatus = async () => (await fetch(`http://${metricsListen}/metrics`)).status;
  try {
    await expect.poll(() => client.checkHealth(5_000).catch(() => "no answer")).toBe("NOT_SERVING");
    await expect(client.describe(5_000)).rejects.toThrow("this draft service is starting");
    expect(await metricsStatus()).toBe(503);
    await using _verifier = await startTestVerifier({ listen: address });
    await using _draft = await starting;
    expect(await client.checkHealth(5_000)).toBe("SERVING");
    expect((await client.describe(5_000)).targetModelId).toBe("storyteller-target");
    expect(await metricsStatus()).toBe(200);
  } finally {
    client.close();
  }
});
