import { expect, test } from "vitest";
import { checkHealth } from "../client/check-health.ts";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import { generationServiceName, verificationServiceName } from "../definitions.ts";
import { deferred, open, startTestServer } from "./test-server.cases.ts";

const names = ["", verificationServiceName, generationServiceName];

function healthOf(address: string): Promise<string[]> {
  return Promise.all(names.map((name) => checkHealth({ address }, name, 5_000)));
}

test("health is NOT_SERVING until the server serves, and again while it drains", async () => {
  const end = deferred();
  await using server = await startTestServer({ verification: { verify: () => end.promise } });
  const { address } = server;
  expect(await healthOf(address)).toEqual(Array(3).fill("NOT_SERVING"));
  server.setServing(true);
  expect(await healthOf(address)).toEqual(Array(3).fill("SERVING"));

  const client = openVerificationClient({ address });
  const { signal } = new AbortController();
  const stream = client.openStream(open);
  const ended = stream.receive(signal);
  // The server answers once the session is there.
  await client.describe(5_000);
  const drained = server.drain(20_000);
  expect(await healthOf(address)).toEqual(Array(3).fill("NOT_SERVING"));
  end.resolve();
  await ended;
  await drained;
  client.close();
  await expect(checkHealth({ address }, "", 2_000)).rejects.toMatchObject({ code: "unavailable" });
});

test("a client asks over its own channel", async () => {
  await using server = await startTestServer();
  const client = openGenerationClient({ address: server.address });
  expect(await client.checkHealth(5_000)).toBe("NOT_SERVING");
  server.setServing(true);
  expect(await client.checkHealth(5_000)).toBe("SERVING");
  await expect(client.checkHealth(5_000, AbortSignal.abort())).rejects.toMatchObject({
    code: "cancelled",
  });
  await server.close();
  await expect(client.checkHealth(2_000)).rejects.toMatchObject({ code: "unavailable" });
  client.close();
  await expect(client.checkHealth(2_000)).rejects.toThrow();
});

test("the health of a service that the server does not carry is not known", async () => {
  await using server = await startTestServer();
  await expect(
    checkHealth({ address: server.address }, "adaedl.v1.Nothing", 5_000),
  ).rejects.toMatchObject({
    code: "not_found",
    message: "Health status unknown for service adaedl.v1.Nothing",
  });
});

test("a server that is not there is unavailable, one that says nothing is late", async () => {
  await using server = await startTestServer();
  const { address } = server;
  const signal = AbortSignal.abort();
  await expect(checkHealth({ address }, "", 5_000, signal)).rejects.toMatchObject({
    code: "cancelled",
  });
  await server.close();
  await expect(checkHealth({ address }, "", 5_000)).rejects.toMatchObject({ code: "unavailable" });
});
