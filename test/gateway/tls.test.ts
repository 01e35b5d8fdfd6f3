import { once } from "node:events";
import { type Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  createAuthority,
  createPemFolder,
  type Identity,
} from "../../packages/protocol/src/security/certificates.cases.ts";
import { openTestGateway } from "./start-gateway-stack.ts";

const authority = createAuthority("the gateway's ca");
const first = authority.issue({ commonName: "first", usage: "server" });
const second = authority.issue({ commonName: "second", usage: "server" });
const client = authority.issue({ commonName: "a client", usage: "client" });
const stranger = createAuthority("another ca").issue({ commonName: "stranger", usage: "client" });
const nobody = ["127.0.0.1:1"]; // the way to draft services is another matter

let folder: ReturnType<typeof createPemFolder>;
beforeEach(() => {
  folder = createPemFolder();
});
afterEach(() => folder[Symbol.dispose]());

/** Asks for the health over TLS; whose certificate answered, and with what. */
async function askHealth(address: string, identity?: Identity) {
  const asking = request(`https://${address}/health`, {
    ca: authority.cert,
    ...identity,
    agent: false as unknown as Agent, // a connection of its own
  }).end();
  const [response] = await once(asking, "response");
  const { CN } = response.socket.getPeerCertificate().subject;
  return { status: response.statusCode, commonName: CN, body: await text(response) };
}

describe("a gateway with a certificate", () => {
  test("speaks TLS, and only that", async () => {
    await using gateway = await openTestGateway(nobody, { tls: folder.write(first) });
    expect(await askHealth(gateway.address)).toMatchObject({ status: 503, commonName: "first" });
    await expect(fetch(`http://${gateway.address}/health`)).rejects.toThrow();
  });

  test("shows a new one once its files have changed, without a restart", async () => {
    const tls = { ...folder.write(first), refreshMs: 50 };
    await using gateway = await openTestGateway(nobody, { tls });
    expect((await askHealth(gateway.address)).commonName).toBe("first");
    folder.write(second);
    await expect.poll(async () => (await askHealth(gateway.address)).commonName).toBe("second");
  });

  test("asks for one of its clients where it is given a CA", async () => {
    const tls = folder.write({ ...first, ca: authority.cert });
    await using gateway = await openTestGateway(nobody, { tls });
    expect((await askHealth(gateway.address, client)).status).toBe(503);
    await expect(askHealth(gateway.address)).rejects.toThrow();
    await expect(askHealth(gateway.address, stranger)).rejects.toThrow();
  });

  test("does not start with a key that is missing", async () => {
    const { certFile } = folder.write(first);
    await expect(openTestGateway(nobody, { tls: { certFile } })).rejects.toThrow(
      "tlsKey must be given: certificate and key go together",
    );
  });
});
