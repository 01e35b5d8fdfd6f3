import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openVerificationClient, type VerificationClient } from "../client/verification-client.ts";
import type { GrpcServer } from "../server/grpc-server.ts";
import { startTestServer, verifierDescription } from "../server/test-server.cases.ts";
import { createAuthority, createPemFolder, type Identity } from "./certificates.cases.ts";
import { watchPemFiles } from "./pem-provider.ts";
import type { TlsFiles } from "./tls-files.ts";

/** Everything that one authority vouches for. */
function createGeneration(name: string) {
  const authority = createAuthority(name);
  return {
    ca: authority.cert,
    server: authority.issue({ commonName: `verifier of ${name}`, usage: "server" }),
    client: authority.issue({ commonName: `edge of ${name}`, usage: "client" }),
  };
}
const older = createGeneration("the old ca");
const newer = createGeneration("the new ca");

let serverFolder: ReturnType<typeof createPemFolder>;
let clientFolder: ReturnType<typeof createPemFolder>;
let otherFolder: ReturnType<typeof createPemFolder>;
let server: GrpcServer;
let numHandled = 0;
const clients: VerificationClient[] = [];
beforeEach(async () => {
  [serverFolder, clientFolder, otherFolder] = [
    createPemFolder(),
    createPemFolder(),
    createPemFolder(),
  ];
  server = await start(serverFolder.write({ ...older.server, ca: older.ca }));
  numHandled = 0;
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server.close();
  for (const folder of [serverFolder, clientFolder, otherFolder]) folder[Symbol.dispose]();
});

function start(tls: TlsFiles, listen = "127.0.0.1:0") {
  return startTestServer({
    listen,
    tls,
    verification: {
      describe() {
        numHandled++;
        return verifierDescription;
      },
    },
  });
}

function openClient(tls: TlsFiles): VerificationClient {
  const client = openVerificationClient({ address: server.address, tls });
  clients.push(client);
  return client;
}

/** Whether a new connection with these files is served; files of their own, never changed. */
async function isServed(identity: Identity, ca: string): Promise<boolean> {
  const client = openClient(otherFolder.write({ ...identity, ca }));
  return client.describe(5_000).then(
    () => true,
    (error) => {
      expect(error.code).toBe("unavailable");
      return false;
    },
  );
}

/** The name in the certificate that the server shows to a new connection; none if it is dropped. */
async function shownName(): Promise<string | undefined> {
  const [host, port] = server.address.split(":");
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ...older.client });
  try {
    await once(socket, "secureConnect");
    return socket.getPeerCertificate().subject.CN?.toString();
  } catch {
    return undefined;
  } finally {
    socket.on("error", () => {});
    socket.destroy();
  }
}

test("a server's new files count for new connections, without a restart", async () => {
  expect(await shownName()).toBe("verifier of the old ca");
  const early = openClient(clientFolder.write({ ...older.client, ca: older.ca }));
  await early.describe(5_000);
  expect(await isServed(newer.client, older.ca)).toBe(false);

  serverFolder.write({ ...newer.server, ca: newer.ca });
  await expect.poll(shownName, { timeout: 10_000 }).toBe("verifier of the new ca");
  numHandled = 0;
  expect(await isServed(older.client, newer.ca)).toBe(false);
  expect(numHandled).toBe(0);
  expect(await isServed(newer.client, newer.ca)).toBe(true);
  // Connections from before go on.
  await early.describe(5_000);
  expect(numHandled).toBe(2);
});

test("while both authorities are trusted, clients of both are served", async () => {
  serverFolder.write({ ...older.server, ca: older.ca + newer.ca });
  await expect.poll(() => isServed(newer.client, older.ca), { timeout: 10_000 }).toBe(true);
  expect(await isServed(older.client, older.ca)).toBe(true);
  serverFolder.write({ ...older.server, ca: newer.ca });
  await expect.poll(() => isServed(older.client, older.ca), { timeout: 10_000 }).toBe(false);
  expect(await isServed(newer.client, older.ca)).toBe(true);
});

test("a client's new files count for its next connection, without a restart", async () => {
  const client = openClient(clientFolder.write({ ...older.client, ca: older.ca }));
  await client.describe(5_000);
  clientFolder.write({ ...newer.client, ca: newer.ca });
  await client.describe(5_000); // over the connection there is

  await server.close();
  server = await start(serverFolder.write({ ...newer.server, ca: newer.ca }), server.address);
  const ask = () =>
    client.describe(5_000).then(
      () => "served",
      (error) => error.code,
    );
  await expect.poll(ask, { timeout: 15_000 }).toBe("served");
});

test("a change that is not complete changes nothing until it is", async () => {
  serverFolder.write({ cert: newer.server.cert });
  await sleep(300);
  expect(await shownName()).toBe("verifier of the old ca");
  rmSync(join(serverFolder.directory, "ca.pem"));
  await sleep(300);
  expect(await isServed(older.client, older.ca)).toBe(true);
  serverFolder.write({ key: newer.server.key, ca: newer.ca });
  await expect.poll(shownName, { timeout: 10_000 }).toBe("verifier of the new ca");
});

test("files that are watched do not keep a process from its end", async () => {
  const numTimers = () => process.getActiveResourcesInfo().filter((r) => r === "Timeout").length;
  const before = numTimers();
  const provider = watchPemFiles(serverFolder.write({}));
  const listener = () => {};
  provider.addCaCertificateListener(listener);
  expect(numTimers()).toBe(before);
  provider.removeCaCertificateListener(listener);
});
