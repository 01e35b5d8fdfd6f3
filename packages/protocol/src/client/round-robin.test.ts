import { afterEach, expect, test } from "vitest";
import type { GenerateEvent } from "../generation/messages.ts";
import { generationService } from "../server/generation-service.ts";
import { type GrpcServer, openGrpcServer } from "../server/grpc-server.ts";
import { openGenerationClient } from "./generation-client.ts";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) await each.close();
});

/** A draft service that says who it is. */
async function serve(draftModelId: string): Promise<GrpcServer> {
  const description = {
    draftModelId,
    targetModelId: "target",
    targetWeights: "f32",
    defaultPolicy: "none",
    contextLength: 1,
    draftContextLength: 1,
    hasChatTemplate: false,
    maxRequests: 1,
    numDraftParameters: 0,
    numTargetParameters: 0,
    roundTripMs: 0,
    emulatedDraftMs: "",
    emulatedTargetMs: "",
    sharedVocabulary: 1,
    hasOtherVocabulary: false,
  };
  async function* generate(): AsyncGenerator<GenerateEvent> {}
  const service = generationService({ describe: () => description, generate }, 1_000);
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [service]);
  open.push(server);
  return server;
}

test("calls to a name with several addresses take turns, and go where somebody is", async () => {
  const servers = [await serve("one"), await serve("two")];
  const address = `ipv4:${servers.map((server) => server.address).join(",")}`;
  const client = openGenerationClient({ address });
  open.push(client);
  const ask = async () => (await client.describe(5_000)).draftModelId;
  await expect.poll(async () => new Set([await ask(), await ask()]).size).toBe(2);
  const answers = [await ask(), await ask(), await ask(), await ask()];
  expect(answers.toSorted()).toEqual(["one", "one", "two", "two"]);

  await servers[0]?.close();
  await expect.poll(() => ask().catch(() => "nobody")).toBe("two");
  for (let call = 0; call < 4; call++) expect(await ask()).toBe("two");
});
