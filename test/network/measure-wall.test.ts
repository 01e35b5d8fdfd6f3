import { measureWall, type OpenClient, type WallOptions } from "@adaedl/bench";
import { openNetworkEmulator } from "@adaedl/network-emulator";
import {
  type GenerateRequest,
  type GenerationClient,
  openGenerationClient,
} from "@adaedl/protocol";
import { expect, test } from "vitest";
import { startTestDraftService, startTestVerifier } from "./start-services.ts";

const options: WallOptions = {
  pairs: ["storyteller"],
  policies: ["none", "static:3"],
  verifications: ["shared-noise"],
  rttsMs: [2],
  temperatures: [0.7],
  numPrompts: 2,
  numTokens: 16,
  numRepetitions: 2,
};
const signal = new AbortController().signal;

/** Services in this process; `watch` may look at each request, and change it. */
function openWith(watch: (request: GenerateRequest) => GenerateRequest): OpenClient {
  return async (_, rttMs) => {
    const verifier = await startTestVerifier();
    const { hostname: host, port } = new URL(`tcp://${verifier.address}`);
    const network = await openNetworkEmulator({
      upstream: { host, port: Number(port) },
      roundTripMs: rttMs,
    });
    const draft = await startTestDraftService([network.address]);
    const services = openGenerationClient({ address: draft.address });
    const client: GenerationClient = {
      ...services,
      generate: (request, ...rest) => services.generate(watch(request), ...rest),
    };
    return {
      client,
      async [Symbol.asyncDispose]() {
        services.close();
        await draft.close();
        await network.close();
        await verifier.close();
      },
    };
  };
}

test("policies take turns over the same texts, and cells hold what was counted", async () => {
  const asked: GenerateRequest[] = [];
  let numSteps = 0;
  const cells = await measureWall(
    options,
    openWith((request) => {
      asked.push(request);
      return request;
    }),
    () => numSteps++,
    signal,
  );

  // The warm-up, then two repetitions; who begins changes. Each turn is both texts.
  const turns = ["none", "static:3", "static:3", "none", "none", "static:3"];
  expect(asked.map(({ policy }) => policy)).toEqual(turns.flatMap((policy) => [policy, policy]));
  expect(asked.map(({ seed }) => seed)).toEqual(turns.flatMap(() => [0, 1]));
  expect(new Set(asked.map(({ prompt }) => JSON.stringify(prompt))).size).toBe(2);
  expect(asked.every(({ maxTokens, ignoreEos }) => maxTokens === 16 && ignoreEos)).toBe(true);
  // The texts of the virtual clock, whatever the models' makers suggest.
  expect(asked.every(({ sampling }) => sampling?.topP === 1)).toBe(true);
  expect(numSteps).toBe(turns.length);

  const [plain, drafted] = cells;
  expect(cells).toHaveLength(2);
  for (const cell of cells) {
    const place = { pair: "storyteller", preset: "this machine", clock: "wall", rttMs: 2 };
    expect(cell).toMatchObject({ ...place, temperature: 0.7, verification: "shared-noise" });
    expect(cell.numTokens).toBe(2 * 2 * 16); // the warm-up is not in it
    const [lowest, highest] = cell.spread ?? [];
    expect(cell.tokensPerSecond).toBeGreaterThanOrEqual(lowest ?? Number.NaN);
    expect(cell.tokensPerSecond).toBeLessThanOrEqual(highest ?? Number.NaN);
  }
  expect(plain).toMatchObject({
    policy: "none",
    numDrafted: 0,
    numAccepted: 0,
    roundTripsPer100Tokens: 100 / 16,
  });
  expect(plain?.targetForwardsPer100Tokens).toBeGreaterThanOrEqual(100);
  expect(drafted?.policy).toBe("static:3");
  expect(drafted?.numDrafted).toBeGreaterThan(drafted?.numAccepted ?? Number.NaN);
  expect(drafted?.numAccepted).toBeGreaterThan(0);
  // Every token is an accepted guess or ends a round.
  const numCommits = (drafted?.numTokens ?? 0) - (drafted?.numAccepted ?? 0);
  expect(drafted?.roundTripsPer100Tokens).toBeCloseTo((100 * numCommits) / 64);
  expect(drafted?.targetForwardsPer100Tokens).toBeLessThan(100);
});

test("texts that differ are no comparison", async () => {
  const otherText = (request: GenerateRequest) =>
    request.policy === "none" ? request : { ...request, seed: 77 };
  const quick = { ...options, numPrompts: 1, numTokens: 8, numRepetitions: 1, rttsMs: [0] };
  await expect(measureWall(quick, openWith(otherText), () => {}, signal)).rejects.toMatchObject({
    code: "internal",
    message: "static:3 decoded other tokens than another policy",
  });
});
