import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ChannelOptions } from "../client/channel.ts";
import { checkHealth } from "../client/check-health.ts";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import type { GrpcServer } from "../server/grpc-server.ts";
import type { CallContext } from "../server/served-service.ts";
import { open, rawClients, startTestServer } from "../server/test-server.cases.ts";
import { createAuthority, createPemFolder } from "./certificates.cases.ts";

/** Who called, in order; a handler that was not called adds nobody. */
let callers: string[] = [];
const remember = ({ client }: CallContext) => {
  callers.push(client);
};
const handlers = {
  verification: {
    verify: async (_: unknown, __: unknown, context: CallContext) => remember(context),
  },
  generation: {
    async *generate(_: unknown, context: CallContext) {
      remember(context);
      yield* [];
    },
  },
};
beforeEach(() => {
  callers = [];
});

async function openSession(options: ChannelOptions) {
  const client = openVerificationClient(options);
  const { signal } = new AbortController();
  try {
    const stream = client.openStream(open);
    await stream.receive(signal);
  } finally {
    client.close();
  }
}

async function generate(options: ChannelOptions) {
  const client = openGenerationClient(options);
  try {
    for await (const _ of client.generate({ prompt: { type: "text", text: "" } }));
  } finally {
    client.close();
  }
}

describe("where tokens are asked for", () => {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-identity-"));
  const tokensFile = join(directory, "tokens");
  const tokenFile = join(directory, "token");
  let server: GrpcServer;
  let address: string;
  beforeAll(async () => {
    writeFileSync(tokensFile, "edge-1 one\nedge-2 two\n");
    writeFileSync(tokenFile, "two\n");
    server = await startTestServer({ tokensFile, ...handlers });
    address = server.address;
  });
  afterAll(async () => {
    await server?.close();
    rmSync(directory, { recursive: true });
  });

  test("a caller is the owner of its token, given as such or in a file", async () => {
    await openSession({ address, token: "one" });
    await generate({ address, tokenFile });
    expect(callers).toEqual(["edge-1", "edge-2"]);
  });

  test("a token that is not known is refused, and not repeated", async () => {
    const error = {
      code: "unauthenticated",
      message: "the bearer token is not known here",
      field: "authorization",
      value: undefined,
    };
    for (const call of [openSession, generate])
      await expect(call({ address, token: "three" })).rejects.toMatchObject(error);
    const client = openVerificationClient({ address, token: "three" });
    await expect(client.describe(5_000)).rejects.toMatchObject(error);
    client.close();
    expect(callers).toEqual([]);
  });

  test("no token is refused", async () => {
    for (const call of [openSession, generate])
      await expect(call({ address })).rejects.toMatchObject({
        code: "unauthenticated",
        message: "authorization must be a bearer token",
        field: "authorization",
      });
    expect(callers).toEqual([]);
  });

  test.each(["one", "Basic one", "Bearer", "Bearer one two", "Bearer one,", "Bearerone"])(
    "header %j is refused",
    async (header) => {
      using clients = rawClients(address);
      const metadata = new Metadata();
      metadata.set("authorization", header);
      const error = await new Promise<ServiceError | null>((resolve) => {
        clients.verification.Describe({}, metadata, resolve);
      });
      expect(error?.code).toBe(status.UNAUTHENTICATED);
    },
  );

  test("the word bearer may be written in any case", async () => {
    using clients = rawClients(address);
    const metadata = new Metadata();
    metadata.set("authorization", "bEARER one");
    const error = await new Promise((resolve) => {
      clients.verification.Describe({}, metadata, resolve);
    });
    expect(error).toBeNull();
  });

  test("health is told to everybody", async () => {
    expect(await checkHealth({ address }, "", 5_000)).toBe("NOT_SERVING");
  });

  test("a token that no header can carry is refused at the client, and not repeated", async () => {
    for (const token of ["s3cret\nmore", "s3crét", "s3cret s3cret"])
      for (const call of [openSession, generate]) {
        const failed = call({ address, token });
        await expect(failed).rejects.toMatchObject({
          code: "invalid_argument",
          message: "token must be printable ASCII without spaces",
          field: "token",
          value: undefined,
        });
      }
    expect(callers).toEqual([]);
  });
});

test("without tokens and certificates a caller is its address, whatever its port", async () => {
  await using server = await startTestServer(handlers);
  for (let i = 0; i < 2; i++) await openSession({ address: server.address, token: "ignored" });
  expect(callers).toEqual(["127.0.0.1", "127.0.0.1"]);
});

test("with certificates a caller is the name in its own, unless it shows a token", async () => {
  using serverFolder = createPemFolder();
  using clientFolder = createPemFolder();
  const authority = createAuthority("ca");
  const tls = {
    ...authority.issue({ commonName: "verifier", usage: "server" }),
    ca: authority.cert,
  };
  const client = authority.issue({ commonName: "edge-1", usage: "client" });
  const tokensFile = join(serverFolder.directory, "tokens");
  writeFileSync(tokensFile, "edge-9 nine");
  const serverTls = serverFolder.write(tls);
  const clientTls = clientFolder.write({ ...client, ca: authority.cert });

  await using server = await startTestServer({ ...handlers, tls: serverTls });
  await openSession({ address: server.address, tls: clientTls });
  await using strict = await startTestServer({ ...handlers, tls: serverTls, tokensFile });
  await openSession({ address: strict.address, tls: clientTls, token: "nine" });
  await expect(openSession({ address: strict.address, tls: clientTls })).rejects.toMatchObject({
    code: "unauthenticated",
  });
  expect(callers).toEqual(["edge-1", "edge-9"]);
});
