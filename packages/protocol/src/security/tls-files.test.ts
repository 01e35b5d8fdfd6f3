import { once } from "node:events";
import { join } from "node:path";
import { connect } from "node:tls";
import type { AdaedlError } from "@adaedl/core";
import { afterAll, describe, expect, test } from "vitest";
import { openVerificationClient } from "../client/verification-client.ts";
import { startTestServer } from "../server/test-server.cases.ts";
import { createAuthority, createPemFolder } from "./certificates.cases.ts";
import { channelCredentials, serverCredentials, type TlsFiles } from "./tls-files.ts";

const folder = createPemFolder();
const other = createPemFolder();
afterAll(() => {
  folder[Symbol.dispose]();
  other[Symbol.dispose]();
});
const authority = createAuthority("ca");
const identity = authority.issue({ commonName: "verifier", usage: "server" });
const { certFile, keyFile, caFile } = folder.write({ ...identity, ca: authority.cert });
const text = other.write({ cert: "no certificate", key: "no key", ca: "nobody" });
const otherKey = createPemFolder();
const stray = otherKey.write(authority.issue({ commonName: "stray", usage: "server" }));
afterAll(() => otherKey[Symbol.dispose]());

function failureOf(action: () => unknown): AdaedlError {
  try {
    action();
  } catch (error) {
    return error as AdaedlError;
  }
  throw new Error("nothing was thrown");
}

const missing = join(folder.directory, "none.pem");
const sides = { server: serverCredentials, client: channelCredentials };

describe.each(["server", "client"] as const)("a %s", (name) => {
  const credentials = sides[name];

  test("without files speaks plain text, with all of them TLS", () => {
    expect(credentials(undefined)._isSecure()).toBe(false);
    expect(credentials({})._isSecure()).toBe(false);
    expect(credentials({ refreshMs: 100 })._isSecure()).toBe(false);
    expect(credentials({ certFile, keyFile, caFile })._isSecure()).toBe(true);
  });

  const together = "must be given: certificate and key go together";
  test.each<[string, TlsFiles, string, string]>([
    ["a certificate without its key", { certFile, caFile }, "tlsKey", together],
    ["a key without its certificate", { keyFile, caFile }, "tlsCert", together],
    [
      "no such certificate",
      { certFile: missing, keyFile },
      "tlsCert",
      `${missing} cannot be read: ENOENT`,
    ],
    ["no such key", { certFile, keyFile: missing }, "tlsKey", `${missing} cannot be read: ENOENT`],
    [
      "no such CA",
      { certFile, keyFile, caFile: missing },
      "tlsCa",
      `${missing} cannot be read: ENOENT`,
    ],
    [
      "a folder",
      { certFile, keyFile: folder.directory },
      "tlsKey",
      `${folder.directory} cannot be read: EISDIR`,
    ],
    [
      "a certificate that is none",
      { certFile: text.certFile, keyFile },
      "tlsCert",
      `${text.certFile} cannot be used: no start line`,
    ],
    [
      "a CA that is none",
      { certFile, keyFile, caFile: text.caFile },
      "tlsCa",
      `${text.caFile} cannot be used: no start line`,
    ],
    [
      "the key of another certificate",
      { certFile, keyFile: stray.keyFile },
      "tlsKey",
      `${stray.keyFile} cannot be used: key values mismatch`,
    ],
  ])("is not started with %s", (_, files, field, rule) => {
    const error = failureOf(() => credentials({ caFile, ...files }));
    expect(error).toMatchObject({ code: "invalid_argument", field });
    expect(error.message).toBe(`${field} ${rule}`);
  });

  test("is not started with a key that is none", () => {
    const error = failureOf(() => credentials({ certFile, keyFile: text.keyFile, caFile }));
    expect(error.message).toMatch(/^tlsKey .*key\.pem cannot be used: /);
  });
});

test("a server that would trust clients needs a certificate of its own", () => {
  expect(failureOf(() => serverCredentials({ caFile }))).toMatchObject({
    code: "invalid_argument",
    message: "tlsCert must be given where a CA is",
    field: "tlsCert",
  });
});

test("a client that shows a certificate has to know whom to trust", () => {
  expect(failureOf(() => channelCredentials({ certFile, keyFile }))).toMatchObject({
    code: "invalid_argument",
    message: "tlsCa must be given where a certificate is",
    field: "tlsCa",
  });
});

test("a server and a client say at once that their files are bad", async () => {
  const tls = { certFile: missing, keyFile: missing, caFile };
  const error = { code: "invalid_argument", field: "tlsCert" };
  await expect(startTestServer({ tls })).rejects.toMatchObject(error);
  expect(() => openVerificationClient({ address: "127.0.0.1:1", tls })).toThrow(
    expect.objectContaining(error),
  );
});

test("a server that says it listens has its certificate ready", async () => {
  await using server = await startTestServer({ tls: { certFile, keyFile } });
  const [host, port] = server.address.split(":");
  const socket = connect({ host, port: Number(port), ca: authority.cert });
  socket.on("error", () => {});
  await once(socket, "secureConnect");
  expect(socket.getPeerCertificate().subject.CN).toBe("verifier");
  socket.destroy();
});
