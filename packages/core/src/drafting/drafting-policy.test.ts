import { describe, expect, test } from "vitest";
import { createPolicyMemory, type PolicyContext } from "../stopping/policy-context.ts";
import type { ModelPlace } from "../stream/ports.ts";
import { parsePolicy, policyDefinitions, policyForms } from "./drafting-policy.ts";
import { simulatePlaces } from "./places.cases.ts";
import type { SourceDrafting } from "./stream-policy.ts";

/** How the stream drafts that is written like this. */
function draftingOf(spec: string, context: PolicyContext = {}): SourceDrafting {
  const policy = parsePolicy(spec, context);
  if (policy.family !== "stream" || policy.drafting === undefined)
    expect.fail(`${spec} drafts not`);
  return policy.drafting.sourceOf("model");
}
const somePlace = simulatePlaces(1, 1)[0]?.place as ModelPlace;
const firstChance = (spec: string) => draftingOf(spec).chances.chancesOf(somePlace)[0];

test("parameters not given are the defaults, and the specification makes the policy again", () => {
  const { spec } = parsePolicy("stream:depth=16,bound=0.05");
  expect(spec).toBe("stream:bound=0.05,candidates=3,width=4,depth=16,chances=learnt,gamma=0.2");
  expect(parsePolicy(spec).spec).toBe(spec);
  expect(parsePolicy("stream").spec).toMatch(/^stream:bound=auto,/);
});

test("parameters say how a stream drafts", () => {
  const { numCandidates, pace } = draftingOf("stream:bound=0.05,candidates=2,width=3,depth=16");
  expect(numCandidates).toBe(2);
  expect(pace.limits()).toMatchObject({ bound: 0.05, width: 3, maxDepth: 16 });
  expect(firstChance("stream:gamma=0.01")).toBeGreaterThan(firstChance("stream:gamma=1") as number);
});

test("chances are learnt, and remembered, unless AdaEDL's bound alone is asked for", () => {
  const memory = createPolicyMemory();
  const places = simulatePlaces(2, 100);
  const chancesAfter = (spec: string, temperature: number) => {
    const { chances } = draftingOf(spec, { memory, temperature });
    const before = chances.chancesOf(somePlace);
    for (const { place, tokenId } of places) chances.observe(place, tokenId);
    return before;
  };
  const [first, second, other] = [0.7, 0.7, 0].map((t) => chancesAfter("stream", t));
  expect(second).not.toEqual(first);
  expect(other).toEqual(first);
  const [bound, again] = [0.7, 0.7].map((t) => chancesAfter("stream:chances=adaedl", t));
  expect(again).toEqual(bound);
});

test.each([
  ["stream:bound=2", 'policy stream bound must be from 0 to 1, or auto, got "2"'],
  ["stream:candidates=0", 'policy stream candidates must be a whole number from 1 to 8, got "0"'],
  ["stream:width=5", 'policy stream width must be a whole number from 1 to 4, got "5"'],
  ["stream:depth=65", 'policy stream depth must be a whole number from 1 to 64, got "65"'],
  ["stream:chances=none", 'policy stream chances must be learnt or adaedl, got "none"'],
  ["stream:gamma=auto", 'policy stream gamma must be above 0 and at most 100, got "auto"'],
  [
    "stream:4",
    'policy stream takes name=value for bound, candidates, width, depth, chances, gamma, got "stream:4"',
  ],
  ["fast", `policy must be one of ${policyForms}, got "fast"`],
])("refuses %j", (spec, message) => {
  expect(() => parsePolicy(spec)).toThrow(
    expect.objectContaining({ code: "invalid_argument", message }),
  );
});

describe("under the rejection rule", () => {
  const rejection = { verification: "rejection" } as const;

  test("a stream is refused", () => {
    expect(() => parsePolicy("stream", rejection)).toThrow(
      expect.objectContaining({
        code: "invalid_argument",
        message: expect.stringContaining("exact under verification shared-noise only"),
      }),
    );
  });

  test("rounds and plain decoding are not", () => {
    expect(parsePolicy("adaedl", rejection).family).toBe("rounds");
    expect(parsePolicy("none", rejection)).toEqual({
      ...{ family: "stream", spec: "none", isPlain: true },
    });
  });
});

test("every other policy drafts in rounds", () => {
  for (const { name } of policyDefinitions) {
    const spec = name === "static" ? "static:3" : name;
    const policy = parsePolicy(spec);
    if (["none", "verifier", "stream"].includes(name)) expect(policy.family).toBe("stream");
    else expect(policy).toMatchObject({ family: "rounds", stopping: { spec: policy.spec } });
  }
  const policy = parsePolicy("static:3");
  expect(policy.family === "rounds" && policy.stopping.maxDraftLength).toBe(3);
});

test("what a form shows between brackets is a default", () => {
  for (const { name, form, params } of policyDefinitions)
    for (const [, param = "", value] of form.matchAll(/([a-z-]+\d?)=([^,\]]+)/g))
      expect(`${params[param]?.default}`, `${name} ${param}`).toBe(value);
});
