import { type Catalogue, catalogues, metricPrefix } from "@adaedl/telemetry";
import { findFreePort, waitUntil } from "@adaedl/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Family,
  parseExposition,
} from "../../packages/telemetry/src/metrics/exposition.cases.ts";
import { complete, model, openStream, type Speculation, streamed } from "./ask-gateway.ts";
import { type GatewayStack, startGatewayStack } from "./start-gateway-stack.ts";

/** What the client has counted of all its requests. */
const own = { requests: 0, prompt: 0, output: 0, drafted: 0, accepted: 0, forwards: 0 };

type Families = Map<string, Family>;
let stack: GatewayStack;
let scraped: Record<keyof typeof catalogues, Families>;

beforeAll(async () => {
  const [ofDraft, ofVerifier] = [await findFreePort(), await findFreePort()];
  stack = await startGatewayStack({
    drafts: [{ metricsListen: `127.0.0.1:${ofDraft}` }],
    verifier: { metricsListen: `127.0.0.1:${ofVerifier}` },
  });
  await Promise.all(Array.from({ length: 12 }, (_, seed) => askAndCount(seed)));
  // One that is cancelled, and one that is wrong.
  const cancelled = { prompt: "Once", max_tokens: 400, seed: 1, ignore_eos: true };
  for await (const _ of await openStream(stack.client, cancelled)) break;
  await complete(stack.client, { prompt: [999_999] }).catch(() => {});
  await waitUntil("nothing runs", async () => stack.draft.numRunning === 0);
  const scrape = async (address: string) =>
    parseExposition(await (await fetch(`http://${address}/metrics`)).text());
  scraped = {
    gateway: await scrape(stack.gateway.address),
    "draft service": await scrape(`127.0.0.1:${ofDraft}`),
    verifier: await scrape(`127.0.0.1:${ofVerifier}`),
  };
});
afterAll(() => stack[Symbol.asyncDispose]());

/** Without stops, so that every guess that was accepted is in the text. */
async function askAndCount(seed: number): Promise<void> {
  const policy = ["adaedl", "stream", "none"][seed % 3] ?? "";
  const fields = {
    ...{ prompt: "The captain looked at the letter and", seed, max_tokens: 20 + seed },
    ...{ ignore_eos: true, stream_options: { include_usage: true }, adaedl: { policy } },
  };
  let speculation: Speculation | undefined;
  for (const event of await streamed(stack.client, fields)) {
    speculation = event.speculation ?? speculation;
    own.prompt += event.usage?.prompt_tokens ?? 0;
    own.output += event.usage?.completion_tokens ?? 0;
  }
  own.requests++;
  own.drafted += speculation?.drafted ?? Number.NaN;
  own.accepted += speculation?.accepted ?? Number.NaN;
  own.forwards += speculation?.target_forwards ?? Number.NaN;
}

/** The value of a series: that of a histogram is how often something was observed. */
function value(
  service: keyof typeof catalogues,
  name: string,
  labels: Record<string, string> = {},
): number {
  const { samples = [] } = scraped[service].get(metricPrefix + name) ?? {};
  const found = samples.filter(
    (sample) =>
      [metricPrefix + name, `${metricPrefix}${name}_count`].includes(sample.name) &&
      Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted),
  );
  return found.reduce((sum, sample) => sum + sample.value, 0);
}

/** Redis, and a draft that learns. */
const ofWhatIsNotHere = [
  ...["num_workers", "learning_version"],
  ...["learning_live_match_ratio", "learning_frozen_match_ratio"],
];

describe.each(Object.entries(catalogues))("the %s", (service, catalogue: Catalogue) => {
  const families = () => scraped[service as keyof typeof catalogues];

  test.each(Object.entries(catalogue))("tells %s", (name, { type, help }) => {
    if (ofWhatIsNotHere.includes(name))
      return expect(families().has(metricPrefix + name)).toBe(false);
    const family = families().get(metricPrefix + name);
    expect(family).toMatchObject({ type, help });
    for (const sample of family?.samples ?? []) {
      expect(sample.value).toBeGreaterThanOrEqual(0);
      expect(Number.isFinite(sample.value)).toBe(true);
      if (type !== "gauge") expect(sample.labels.model_name).toBe(model);
    }
  });

  test("tells nothing else", () => {
    const known = Object.keys(catalogue).map((name) => metricPrefix + name);
    expect([...families().keys()].filter((name) => !known.includes(name))).toEqual([]);
  });
});

test("requests, tokens, drafts and accepts are the client's own, exactly", () => {
  expect(own.requests).toBe(12);
  expect(own.accepted).toBeGreaterThan(0);
  for (const service of ["gateway", "draft service"] as const) {
    expect(value(service, "request_success_total")).toBe(12);
    expect(value(service, "prompt_tokens_total")).toBe(own.prompt);
    expect(value(service, "e2e_request_latency_seconds")).toBe(12);
    expect(value(service, "num_requests_running")).toBe(0);
    // The one that was cancelled had some tokens too.
    expect(value(service, "time_to_first_token_seconds")).toBe(13);
    expect(value(service, "request_failure_total", { reason: "cancelled" })).toBe(1);
    expect(value(service, "generation_tokens_total")).toBeGreaterThan(own.output);
  }
  // The one that was cancelled had some forwards, too.
  expect(value("draft service", "target_forwards_total")).toBeGreaterThan(own.forwards);
  expect(value("gateway", "request_failure_total", { reason: "request" })).toBe(1);
});

test("what one service says of draft tokens, the other says too", () => {
  // What is on its way when a text ends does not arrive.
  for (const name of ["drafts", "draft_tokens", "accepted_tokens"]) {
    const metric = `spec_decode_num_${name}_total`;
    expect(value("draft service", metric)).toBeGreaterThan(0);
    expect(value("verifier", metric)).toBeGreaterThanOrEqual(value("draft service", metric));
  }
  const sent = value("draft service", "draft_nodes_offered_total");
  expect(value("verifier", "draft_nodes_offered_total")).toBeGreaterThan(0);
  expect(value("verifier", "draft_nodes_offered_total")).toBeLessThanOrEqual(sent);
});

test("a verifier's draft tokens and commits add up", () => {
  const of = (name: string, labels?: Record<string, string>) => value("verifier", name, labels);
  const [offered, judged, accepted] = [
    of("draft_nodes_offered_total"),
    of("spec_decode_num_draft_tokens_total"),
    of("spec_decode_num_accepted_tokens_total"),
  ];
  expect(accepted).toBeLessThanOrEqual(judged);
  expect(judged + of("draft_nodes_dropped_total")).toBeLessThanOrEqual(offered);
  expect(of("commits_total", { draft: "verified" })).toBe(of("spec_decode_num_drafts_total"));
  // A commit is the accepted draft tokens and one token of the target's own; here nothing cuts it short.
  expect(of("generation_tokens_total")).toBe(of("commits_total") + accepted);
  expect(of("commits_total", { draft: "none" })).toBeGreaterThan(0); // plain decoding, at least
  expect(of("verify_forward_seconds")).toBe(of("verify_batch_size"));
});

test("an edge counts its draft forwards, and how far it is ahead after each commit", () => {
  const of = (name: string) => value("draft service", name);
  expect(of("draft_forward_seconds")).toBeGreaterThan(0);
  expect(of("draft_frontier_tokens")).toBeGreaterThan(0);
  expect(of("draft_frontier_tokens")).toBeLessThan(of("target_forwards_total"));
  expect(of("autoregressive_tokens_total")).toBeLessThan(of("generation_tokens_total"));
  expect(of("round_trip_seconds")).toBeLessThan(1);
});
