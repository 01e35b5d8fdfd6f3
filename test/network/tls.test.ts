import { openGenerationClient, openVerificationClient, type TlsFiles } from "@adaedl/protocol";
import type { RunningVerifier } from "@adaedl/verifier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createAuthority,
  createPemFolder,
  type Identity,
} from "../../packages/protocol/src/security/certificates.cases.ts";
import { openFor } from "./open-for.ts";
import { generateAt, startTestDraftService, startTestVerifier } from "./start-services.ts";

const edge = { commonName: "edge-1", usage: "client" } as const;
const cloud = { commonName: "verifier", usage: "server" } as const;
const older = createAuthority("the ca");
const newer = createAuthority("the next ca");
const impostor = createAuthority("the ca"); // of the same name, with another key
const good = older.issue(edge);

const folders: ReturnType<typeof createPemFolder>[] = [];
function filesOf(contents: Partial<Identity> & { ca?: string }): TlsFiles {
  const folder = createPemFolder();
  folders.push(folder);
  return folder.write(contents);
}

const serverFolder = createPemFolder();
folders.push(serverFolder);
let verifier: RunningVerifier;
beforeAll(async () => {
  const tls = serverFolder.write({ ...older.issue(cloud), ca: older.cert });
  verifier = await startTestVerifier({ tls });
});
afterAll(async () => {
  await verifier?.close();
  for (const folder of folders) folder[Symbol.dispose]();
});

/** Opens a session, which costs the verifier at least one step when it lets it. */
async function openSession(tls: TlsFiles | undefined): Promise<string> {
  const client = openVerificationClient({ address: verifier.address, tls });
  const { signal } = new AbortController();
  try {
    const stream = client.openStream(openFor(verifier.description, [1, 2, 3]));
    let message = await stream.receive(signal);
    while (message?.type === "progress") message = await stream.receive(signal);
    stream.close();
    return message?.type ?? "nothing";
  } finally {
    client.close();
  }
}

describe("a client costs the verifier no step", () => {
  const ca = older.cert;
  test.each<[string, TlsFiles | undefined]>([
    ["that speaks plain text", undefined],
    ["without a certificate", filesOf({ ca })],
    [
      "whose certificate has expired",
      filesOf({ ...older.issue({ ...edge, validDays: [-9, -1] }), ca }),
    ],
    ["of another authority of the same name", filesOf({ ...impostor.issue(edge), ca })],
  ])("%s", async (_, tls) => {
    await expect(openSession(tls)).rejects.toMatchObject({ code: "unavailable" });
    expect(verifier.status()).toMatchObject({ numSteps: 0, numSessions: 0, numSlots: 0 });
  });
});

test("with good certificates on every way a text is written", async () => {
  const ca = older.cert;
  await using draft = await startTestDraftService([verifier.address], {
    tls: filesOf({ ...older.issue({ ...cloud, commonName: "draft" }), ca }),
    verifierTls: filesOf({ ...good, ca }),
  });
  const request = { prompt: { type: "text", text: "Once" }, maxTokens: 20, seed: 1 } as const;
  await expect(generateAt(draft.address, request)).rejects.toMatchObject({ code: "unavailable" });
  expect(verifier.status().numSteps).toBe(0);

  const client = openGenerationClient({ address: draft.address, tls: filesOf({ ...good, ca }) });
  let numTokens = 0;
  for await (const event of client.generate({ ...request, ignoreEos: true }))
    if (event.type === "token") numTokens++;
  client.close();
  expect(numTokens).toBe(20);
  expect(verifier.status().numSteps).toBeGreaterThan(0);
});

test("new files count without a restart: the old authority's clients are refused then", async () => {
  const ofOld = filesOf({ ...good, ca: older.cert + newer.cert });
  const ofNew = filesOf({ ...newer.issue(edge), ca: older.cert + newer.cert });
  expect(await openSession(ofOld)).toBe("opened");
  await expect(openSession(ofNew)).rejects.toMatchObject({ code: "unavailable" });

  serverFolder.write({ ...newer.issue(cloud), ca: newer.cert });
  const tryOpen = () => openSession(ofNew).catch((error) => error.code);
  await expect.poll(tryOpen, { timeout: 10_000 }).toBe("opened");
  await expect.poll(() => verifier.status().numSessions).toBe(0);
  const { numSteps } = verifier.status();
  await expect(openSession(ofOld)).rejects.toMatchObject({ code: "unavailable" });
  expect(verifier.status().numSteps).toBe(numSteps);
  // A client that trusts the old authority only does not take the new server.
  const trusting = filesOf({ ...newer.issue(edge), ca: older.cert });
  await expect(openSession(trusting)).rejects.toMatchObject({ code: "unavailable" });
  expect(verifier.status().numSteps).toBe(numSteps);
});
