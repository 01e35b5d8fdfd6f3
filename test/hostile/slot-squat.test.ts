import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Offer, Text } from "@adaedl/core";
import { openVerificationClient, type VerificationStream } from "@adaedl/protocol";
import type { RunningVerifier, VerifierOptions } from "@adaedl/verifier";
import { expect, inject, onTestFinished, test } from "vitest";
import { openFor } from "../network/open-for.ts";
import { startTestReplicas, startTestVerifier } from "../network/start-services.ts";

// One client takes every session there is and asks for nothing. Another one wants to write a text.

const prompt = [5, 6, 7];
const numSessions = 24;

const topologies = {
  "one verifier": startTestVerifier,
  "an ingress and workers": (options: Partial<VerifierOptions>) =>
    startTestReplicas({ url: inject("redisUrl") }, options),
};

/** A verifier that knows two clients, with fewer slots than sessions. */
async function start(name: keyof typeof topologies): Promise<RunningVerifier> {
  const directory = mkdtempSync(join(tmpdir(), "adaedl-squat-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const tokensFile = join(directory, "tokens");
  writeFileSync(tokensFile, "squatter tok-s\nwriter tok-w\n");
  const limits = { maxSessions: numSessions, maxSlots: numSessions / 2, tokensFile };
  const verifier = await topologies[name](limits);
  onTestFinished(() => verifier.close());
  return verifier;
}

function clientOf({ address }: RunningVerifier, token: string) {
  const client = openVerificationClient({ address, token });
  onTestFinished(() => client.close());
  return client;
}

/** Offers a draft token without credit twice a second, so that it looks alive. */
function squat(verifier: RunningVerifier, fields: Parameters<typeof openFor>[2]): void {
  const client = clientOf(verifier, "tok-s");
  const streams = Array.from({ length: numSessions }, (_, index): VerificationStream => {
    const open = openFor(verifier.description, prompt, { sessionId: `s${index}`, ...fields });
    return client.openStream(open);
  });
  let firstId = 1;
  const timer = setInterval(() => {
    const nodes = [{ parent: 0, tokenId: 1, chance: 1 }];
    const offer: Offer = { base: new Text(prompt).fence(), firstId: firstId++, nodes, credit: 0 };
    for (const stream of streams) stream.send({ type: "offer", offer });
  }, 500);
  onTestFinished(() => {
    clearInterval(timer);
    for (const stream of streams) stream.reset();
  });
}

/** @returns how many tokens the writer's text got */
async function writeText(verifier: RunningVerifier): Promise<number> {
  const fields = { credit: 10_000, maxTokens: 20 };
  const stream = clientOf(verifier, "tok-w").openStream(
    openFor(verifier.description, prompt, fields),
  );
  let numTokens = 0;
  for (;;) {
    const message = await stream.receive();
    if (message?.type === "commit") numTokens += message.commit.tokenIds.length;
    if (message === undefined || message.type === "finished") return numTokens;
  }
}

const squatters = {
  "ask for nothing": {},
  "read nothing": { credit: 100_000, maxTokens: 400, wantsLogprobs: true, numTopLogprobs: 20 },
};

test.each(
  (Object.keys(topologies) as (keyof typeof topologies)[]).flatMap((topology) =>
    (Object.keys(squatters) as (keyof typeof squatters)[]).map((kind) => [topology, kind] as const),
  ),
)("%s: sessions that %s keep nobody else out", { timeout: 240_000 }, async (topology, kind) => {
  const verifier = await start(topology);
  squat(verifier, squatters[kind]);
  await expect
    .poll(() => verifier.status().numSessions, { timeout: 20_000 })
    .toBeGreaterThanOrEqual(numSessions / 2);
  for (let text = 0; text < 3; text++) expect(await writeText(verifier)).toBe(20);
});
