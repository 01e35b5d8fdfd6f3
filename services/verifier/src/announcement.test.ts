import { defaultSamplingParams } from "@adaedl/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Announcement,
  announcedDifference,
  decodeAnnouncement,
  encodeAnnouncement,
  kindOf,
} from "./announcement.ts";

const throughJson = (plain: unknown) => JSON.parse(JSON.stringify(plain)) as unknown;
const cross = (announcement: Announcement) =>
  decodeAnnouncement(throughJson(encodeAnnouncement(announcement)));

/** JSON has no -0. */
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const count = fc.nat();
const text = fc.string({ maxLength: 100 });
const { logitBias: _, ...numbers } = defaultSamplingParams;
const defaultSampling = fc.record(
  {
    ...Object.fromEntries(Object.keys(numbers).map((name) => [name, double])),
    logitBias: fc.array(fc.tuple(count, double)).map((pairs) => new Map(pairs)),
  },
  { requiredKeys: [] },
);
const announcements: fc.Arbitrary<Announcement> = fc.record({
  modelId: text,
  protocolVersion: fc.record({ major: count, minor: count }),
  vocabulary: fc.record({ size: count, digest: text, tokenizerDigest: text }),
  numTokenIds: count,
  contextLength: count,
  eosTokenIds: fc.array(count, { maxLength: 10 }),
  defaultSampling,
  maxDraftLength: count,
  numParameters: count,
  tokenizerParts: fc.constant({ decoder: "dd" }),
  emulatedForwardMs: fc.constantFrom("", "30+1"),
  weights: fc.constantFrom("f32", "int8"),
  numerics: fc.constantFrom("", "12ab"),
  requiresSameNumerics: fc.boolean(),
});

test("what a worker announces arrives as it was, and like facts are of one kind", () => {
  fc.assert(
    fc.property(announcements, (announcement) => {
      expect(cross(announcement)).toEqual(announcement);
      expect(kindOf(structuredClone(announcement))).toBe(kindOf(announcement));
      expect(kindOf(announcement)).toMatch(/^[0-9a-f]{16}$/);
    }),
  );
});

const sample: Announcement = {
  modelId: "m",
  protocolVersion: { major: 1, minor: 0 },
  vocabulary: { size: 100, digest: "a", tokenizerDigest: "b" },
  numTokenIds: 128,
  contextLength: 64,
  eosTokenIds: [1, 2],
  defaultSampling: { temperature: 0.5, logitBias: new Map([[3, -1]]) },
  maxDraftLength: 8,
  numParameters: 1_000,
  tokenizerParts: { decoder: "d" },
  emulatedForwardMs: "",
  weights: "f32",
  numerics: "12ab",
  requiresSameNumerics: false,
};

test.each<[string, Partial<Announcement>]>([
  ["another model", { modelId: "n" }],
  ["another version", { protocolVersion: { major: 1, minor: 1 } }],
  ["another vocabulary", { vocabulary: { ...sample.vocabulary, digest: "c" } }],
  ["another tokenizer", { vocabulary: { ...sample.vocabulary, tokenizerDigest: "c" } }],
  ["more token ids", { numTokenIds: 129 }],
  ["a longer context", { contextLength: 65 }],
  ["other ends", { eosTokenIds: [1] }],
  ["another temperature", { defaultSampling: { ...sample.defaultSampling, temperature: 0.6 } }],
  ["no temperature", { defaultSampling: { logitBias: new Map([[3, -1]]) } }],
  ["another bias", { defaultSampling: { temperature: 0.5, logitBias: new Map([[3, -2]]) } }],
  ["another size", { numParameters: 1_001 }],
  ["shorter drafts", { maxDraftLength: 7 }],
  ["emulated time", { emulatedForwardMs: "30" }],
  ["another precision", { weights: "int8" }],
  ["stricter about numerics", { requiresSameNumerics: true }],
])("%s: another kind", (_, fields) => {
  expect(kindOf({ ...sample, ...fields })).not.toBe(kindOf(sample));
});

test("other numerics are another kind where the same ones are required", () => {
  const strict = { ...sample, requiresSameNumerics: true };
  expect(kindOf({ ...sample, numerics: "34cd" })).toBe(kindOf(sample));
  expect(kindOf({ ...strict, numerics: "34cd" })).not.toBe(kindOf(strict));
});

test("differences are named with both values", () => {
  const differenceTo = (fields: Partial<Announcement>) =>
    announcedDifference(encodeAnnouncement({ ...sample, ...fields }), encodeAnnouncement(sample));
  expect(differenceTo({})).toBe("");
  expect(differenceTo({ weights: "int8" })).toBe('weights is "int8", not "f32"');
  expect(differenceTo({ modelId: "n", eosTokenIds: [] })).toBe(
    'modelId is "n", not "m"; eosTokenIds is [], not [1,2]',
  );
  expect(announcedDifference("nonsense", undefined)).toBe("its facts cannot be read");
});

test.each<[string, unknown]>([
  ["nothing", null],
  ["a field that is missing", { ...sample, modelId: undefined }],
  ["a name without end", { ...sample, modelId: "m".repeat(1_001) }],
  ["a negative length", { ...sample, contextLength: -1 }],
  ["numerics that are no digits", { ...sample, numerics: "x" }],
  ["half a token", { ...sample, eosTokenIds: [0.5] }],
  ["a temperature in words", { ...sample, defaultSampling: { temperature: "hot" } }],
  ["a bias that is no pair", { ...sample, defaultSampling: { logitBias: [[1]] } }],
])("%s: refused", (_, facts) => {
  expect(() => decodeAnnouncement(facts)).toThrow(
    expect.objectContaining({
      code: "failed_precondition",
      message: expect.stringMatching(/^a worker announced nonsense: /),
    }),
  );
});
