import { createHash } from "node:crypto";
import { AdaedlError, defaultSamplingParams } from "@adaedl/core";
import type { RequestLimits } from "@adaedl/engine";
import { numericsForm, type VerifierDescription } from "@adaedl/protocol";
import * as z from "zod/mini";

/** What a worker tells ingresses about its model: a description without an ingress's own limits. */
export type Announcement = Omit<VerifierDescription, "limits"> & {
  readonly maxDraftLength: number;
};

const count = z.int().check(z.nonnegative());
const sampling = z.partial(
  z.object({
    ...numbersOf(defaultSamplingParams),
    logitBias: z.array(z.tuple([count, z.number()])),
  }),
);

const schema = z.object({
  modelId: z.string().check(z.maxLength(1_000)),
  protocolVersion: z.object({ major: count, minor: count }),
  vocabulary: z.object({ size: count, digest: z.string(), tokenizerDigest: z.string() }),
  numTokenIds: count,
  contextLength: count,
  eosTokenIds: z.array(count).check(z.maxLength(1_000)),
  defaultSampling: sampling,
  maxDraftLength: count,
  numParameters: count,
  tokenizerParts: z.record(z.string(), z.string()),
  emulatedForwardMs: z.string().check(z.maxLength(100)),
  weights: z.string().check(z.maxLength(100)),
  numerics: z.string().check(z.regex(numericsForm)),
  requiresSameNumerics: z.boolean(),
});

function numbersOf(fields: object): Record<string, z.ZodMiniNumber> {
  const names = Object.keys(fields).filter((name) => name !== "logitBias");
  return Object.fromEntries(names.map((name) => [name, z.number()]));
}

export function encodeAnnouncement(announcement: Announcement): z.infer<typeof schema> {
  const { defaultSampling, eosTokenIds, ...facts } = announcement;
  const { logitBias, ...numbers } = defaultSampling;
  const biases = logitBias === undefined ? {} : { logitBias: [...logitBias] };
  return { ...facts, eosTokenIds: [...eosTokenIds], defaultSampling: { ...numbers, ...biases } };
}

/** @throws AdaedlError `failed_precondition` for facts that are none */
export function decodeAnnouncement(facts: unknown): Announcement {
  const parsed = schema.safeParse(facts);
  if (!parsed.success)
    throw new AdaedlError("failed_precondition", `a worker announced nonsense: ${parsed.error}`);
  const { logitBias, ...numbers } = parsed.data.defaultSampling;
  const biases = logitBias === undefined ? {} : { logitBias: new Map(logitBias) };
  return { ...parsed.data, defaultSampling: { ...numbers, ...biases } };
}

/** What requests are checked against. */
export function limitsOf(
  facts: Pick<Announcement, "numTokenIds" | "contextLength" | "defaultSampling">,
): RequestLimits {
  const { numTokenIds: vocabSize, contextLength, defaultSampling } = facts;
  return { vocabSize, contextLength, defaultSampling };
}

/** Workers whose announcements are alike serve the same sessions; their numerics may differ unless they require the same. */
export function kindOf(announcement: Announcement): string {
  const { numerics, ...facts } = encodeAnnouncement(announcement);
  const required = announcement.requiresSameNumerics ? numerics : undefined;
  const text = JSON.stringify({ ...facts, numerics: required }, sortKeys);
  return createHash("sha256").update(text).digest("hex").slice(0, 16);
}

/** Whether a worker of that kind can have announced it. */
export function isAnnounced(kind: string, facts: unknown): boolean {
  try {
    return kindOf(decodeAnnouncement(facts)) === kind;
  } catch {
    return false;
  }
}

/** Which facts of a worker are not as expected, in words that name both. */
export function announcedDifference(facts: unknown, expected: unknown): string {
  if (typeof facts !== "object" || typeof expected !== "object") return "its facts cannot be read";
  const show = (value: unknown) => JSON.stringify(value, sortKeys) ?? "nothing";
  const names = Object.keys({ ...expected, ...facts }) as (keyof typeof facts)[];
  return names
    .map((name) => [name, show(facts?.[name]), show(expected?.[name])] as const)
    .filter(([, value, other]) => value !== other)
    .map(([name, value, other]) => `${name} is ${value.slice(0, 100)}, not ${other.slice(0, 100)}`)
    .join("; ");
}

/** For `JSON.stringify`: in which order fields were written says nothing. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
