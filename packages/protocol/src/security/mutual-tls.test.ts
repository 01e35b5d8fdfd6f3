import { connect as connectHttp2 } from "node:http2";
import { connect as connectTls, type SecureVersion } from "node:tls";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkHealth } from "../client/check-health.ts";
import { openGenerationClient } from "../client/generation-client.ts";
import { openVerificationClient } from "../client/verification-client.ts";
import type { GrpcServer } from "../server/grpc-server.ts";
import { open, opened, startTestServer, verifierDescription } from "../server/test-server.cases.ts";
import { createAuthority, createPemFolder, type Identity } from "./certificates.cases.ts";
import type { TlsFiles } from "./tls-files.ts";

const authority = createAuthority("the ca");
const impostor = createAuthority("the ca"); // of the same name, with another key
const ca = authority.cert;
const client = { commonName: "edge-1", usage: "client" } as const;
const good = authority.issue(client);

const folders = Array.from({ length: 12 }, createPemFolder);
afterAll(() => {
  for (const folder of folders) folder[Symbol.dispose]();
});
let numWritten = 0;
function filesOf(contents: Partial<Identity> & { ca?: string }): TlsFiles {
  const folder = folders[numWritten++];
  if (folder === undefined) throw new Error("more folders are needed");
  return folder.write(contents);
}

/** Everything that a handler was called for. */
let handled: string[] = [];
let server: GrpcServer;
beforeAll(async () => {
  server = await startTestServer({
    tls: filesOf({ ...authority.issue({ commonName: "verifier", usage: "server" }), ca }),
    verification: {
      describe() {
        handled.push("describe");
        return verifierDescription;
      },
      async verify(receive, send, { client }) {
        handled.push(`verify ${client}`);
        await receive();
        await send(opened);
      },
    },
    generation: {
      async *generate(_, { client }) {
        handled.push(`generate ${client}`);
        yield* [];
      },
    },
  });
  server.setServing(true);
});
afterAll(() => server?.close());
beforeEach(() => {
  handled = [];
});

const { signal } = new AbortController();

async function openSession(tls: TlsFiles | undefined, address = server.address) {
  const verification = openVerificationClient({ address, tls });
  try {
    const stream = verification.openStream(open);
    return await stream.receive(signal);
  } finally {
    verification.close();
  }
}

async function generate(tls: TlsFiles | undefined) {
  const generation = openGenerationClient({ address: server.address, tls });
  try {
    for await (const _ of generation.generate({ prompt: { type: "text", text: "" } }));
  } finally {
    generation.close();
  }
}

test("a client whose certificate the server's authority signed is served, under its name", async () => {
  const tls = filesOf({ ...good, ca });
  expect(await openSession(tls)).toEqual(opened);
  await generate(tls);
  expect(await checkHealth({ address: server.address, tls }, "", 5_000)).toBe("SERVING");
  expect(handled).toEqual(["describe", "verify edge-1", "generate edge-1"]);
});

describe("no handler hears of a client", () => {
  test.each<[string, TlsFiles | undefined]>([
    ["that speaks plain text", undefined],
    ["without a certificate", filesOf({ ca })],
    [
      "whose certificate has expired",
      filesOf({ ...authority.issue({ ...client, validDays: [-9, -1] }), ca }),
    ],
    [
      "whose certificate begins tomorrow",
      filesOf({ ...authority.issue({ ...client, validDays: [1, 9] }), ca }),
    ],
    ["of another authority of the same name", filesOf({ ...impostor.issue(client), ca })],
    [
      "that shows a server's certificate",
      filesOf({ ...authority.issue({ ...client, usage: "server" }), ca }),
    ],
  ])("%s", async (_, tls) => {
    await expect(openSession(tls)).rejects.toMatchObject({ code: "unavailable" });
    await expect(generate(tls)).rejects.toMatchObject({ code: "unavailable" });
    const { address } = server;
    await expect(checkHealth({ address, tls }, "", 5_000)).rejects.toMatchObject({
      code: "unavailable",
    });
    expect(handled).toEqual([]);
  });

  test.each<SecureVersion>(["TLSv1.2", "TLSv1.3"])(
    "that sends its request before it is refused, over %s",
    async (version) => {
      const [host, port] = server.address.split(":");
      const session = connectHttp2(`https://${server.address}`, {
        createConnection: () =>
          connectTls({
            host,
            port: Number(port),
            ca,
            ALPNProtocols: ["h2"],
            minVersion: version,
            maxVersion: version,
          }),
      });
      session.on("error", () => {});
      const request = session.request({
        ":method": "POST",
        ":path": "/adaedl.v2.Verification/Describe",
        "content-type": "application/grpc",
        te: "trailers",
      });
      let response: unknown;
      request.on("response", (headers) => {
        response = headers;
      });
      request.on("error", () => {});
      request.end(Buffer.alloc(5));
      await new Promise((resolve) => request.once("close", resolve));
      session.destroy();
      expect(response).toBeUndefined();
      expect(handled).toEqual([]);
    },
  );
});

describe("a client refuses a server", () => {
  test("of another authority of the same name", async () => {
    const tls = filesOf({ ...good, ca: impostor.cert });
    await expect(openSession(tls)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("signature"),
    });
    expect(handled).toEqual([]);
  });

  test("whose certificate is for another host", async () => {
    const hosts = ["verifier.example"];
    const elsewhere = authority.issue({ commonName: "verifier", usage: "server", hosts });
    await using other = await startTestServer({ tls: filesOf({ ...elsewhere, ca }) });
    const tls = filesOf({ ...good, ca });
    await expect(openSession(tls, other.address)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("does not match certificate's altnames"),
    });
  });
});

test("a refused client does no harm to one that is being served", async () => {
  const verification = openVerificationClient({
    address: server.address,
    tls: folders[numWritten - 1]?.write({ ...good, ca }),
  });
  const stream = verification.openStream(open);
  expect(await stream.receive(signal)).toEqual(opened);
  await expect(openSession(undefined)).rejects.toMatchObject({ code: "unavailable" });
  await expect(verification.describe(5_000)).resolves.toMatchObject({ modelId: "target" });
  verification.close();
});
