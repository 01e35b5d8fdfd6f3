import { EventEmitter, on } from "node:events";
import { credentials, makeClientConstructor, type Server } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { checkHealth } from "../client/check-health.ts";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import { generationServiceName, Health, verificationServiceName } from "../definitions.ts";
import type { HealthClient, HealthHandlers } from "../gen/grpc/health/v1/Health.ts";
import { addHealth } from "./health.ts";
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

function openHealth(address: string): HealthClient & Disposable {
  const Client = makeClientConstructor(Health.service, "");
  const client = new Client(address, credentials.createInsecure()) as unknown as HealthClient;
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

test("Watch sends the status there is, then each change once", async () => {
  await using server = await startTestServer();
  using client = openHealth(server.address);
  const call = client.Watch({ service: "" });
  call.on("error", () => {}); // it is cancelled
  const received = on(call, "data");
  const next = async () => (await received.next()).value[0].status;
  expect(await next()).toBe("NOT_SERVING");
  for (const isServing of [false, true, true]) server.setServing(isServing);
  expect(await next()).toBe("SERVING");
  for (const isServing of [true, false, false]) server.setServing(isServing);
  expect(await next()).toBe("NOT_SERVING");
  server.setServing(true);
  expect(await next()).toBe("SERVING");
  call.cancel();
});

test("Watch of a service that the server does not carry stays open", async () => {
  await using server = await startTestServer();
  using client = openHealth(server.address);
  const call = client.Watch({ service: "adaedl.v1.Nothing" });
  const ends: string[] = [];
  call.on("error", () => ends.push("error")).on("end", () => ends.push("end"));
  const [{ status }] = (await on(call, "data").next()).value;
  expect(status).toBe("SERVICE_UNKNOWN");
  await checkHealth(server, "", 5_000); // a round trip later
  expect(ends).toEqual([]);
  call.cancel();
  await expect.poll(() => ends).toContain("error");
});

test("List has the status of every service, and of the server as a whole", async () => {
  await using server = await startTestServer();
  using client = openHealth(server.address);
  server.setServing(true);
  const statuses = await new Promise((resolve, reject) =>
    client.List({}, (error, response) => (error ? reject(error) : resolve(response?.statuses))),
  );
  expect(statuses).toEqual(Object.fromEntries(names.map((name) => [name, { status: "SERVING" }])));
});

test("a watcher that was cancelled is sent nothing more", () => {
  let handlers: HealthHandlers | undefined;
  const server = {
    addService: (_: unknown, added: HealthHandlers) => {
      handlers = added;
    },
  } as unknown as Server;
  const setServing = addHealth(server, []);
  const watch = () => {
    const sent: string[] = [];
    const write = ({ status }: { status: string }) => sent.push(status);
    const call = Object.assign(new EventEmitter(), { request: { service: "" }, write });
    handlers?.Watch(call as never);
    return { call, sent };
  };
  const [cancelled, other] = [watch(), watch()];
  cancelled.call.emit("cancelled");
  setServing(true);
  expect(cancelled.sent).toEqual(["NOT_SERVING"]);
  expect(other.sent).toEqual(["NOT_SERVING", "SERVING"]);
});
