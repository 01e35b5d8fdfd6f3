import { describe, expect, test } from "vitest";
import { metricPrefix, verifierCatalogue } from "./catalogue.ts";
import { type Family, parseExposition } from "./exposition.cases.ts";
import { createVerifierMetrics, type VerifierGauges } from "./verifier-metrics.ts";

const everything: VerifierGauges = {
  numRunning: 3,
  numWaiting: 2,
  numFreeSlots: 5,
  cacheUsage: 0.25,
  numWorkers: 4,
};

async function scrape(metrics: { render(): Promise<string> }): Promise<Map<string, Family>> {
  return parseExposition(await metrics.render());
}

/** Values of a family's samples by what tells them apart: the reason, the bucket's bound, the suffix. */
function values(families: Map<string, Family>, name: string): Record<string, number> {
  const { samples = [] } = families.get(`adaedl_${name}`) ?? {};
  const entries = samples.map((sample) => {
    const suffix = sample.name.slice(`adaedl_${name}`.length);
    return [sample.labels.reason ?? sample.labels.le ?? suffix, sample.value];
  });
  return Object.fromEntries(entries);
}

describe("a verifier's metrics", () => {
  test("are all there before anything has happened, with type, help and model_name", async () => {
    const families = await scrape(await createVerifierMetrics("tiny", () => everything));
    const expected = Object.entries(verifierCatalogue).map(([name, { type, help }]) => [
      metricPrefix + name,
      { type, help },
    ]);
    const got = [...families].map(([name, { type, help }]) => [name, { type, help }]);
    expect(Object.fromEntries(got)).toEqual(Object.fromEntries(expected));
    for (const { samples } of families.values()) {
      expect(samples).not.toHaveLength(0);
      for (const { labels } of samples) expect(labels.model_name).toBe("tiny");
    }
  });

  test("gauges are what is so at the scrape", async () => {
    let now = everything;
    let numReads = 0;
    const metrics = await createVerifierMetrics("tiny", () => {
      numReads++;
      return now;
    });
    const first = await scrape(metrics);
    expect(values(first, "num_requests_running")).toEqual({ "": 3 });
    expect(values(first, "num_requests_waiting")).toEqual({ "": 2 });
    expect(values(first, "num_free_slots")).toEqual({ "": 5 });
    expect(values(first, "kv_cache_usage_perc")).toEqual({ "": 0.25 });
    expect(values(first, "num_workers")).toEqual({ "": 4 });
    expect(numReads).toBe(1);
    now = { ...everything, numRunning: 0, numWaiting: 7 };
    const second = await scrape(metrics);
    expect(values(second, "num_requests_running")).toEqual({ "": 0 });
    expect(values(second, "num_requests_waiting")).toEqual({ "": 7 });
  });

  test("a gauge that a role does not have is absent, until it has it", async () => {
    let now: VerifierGauges = { numRunning: 1, numWaiting: 0, numWorkers: 2 };
    const metrics = await createVerifierMetrics("tiny", () => now);
    const ingress = await metrics.render();
    expect(ingress).not.toContain("num_free_slots");
    expect(ingress).not.toContain("kv_cache_usage_perc");
    expect(ingress).toContain("adaedl_num_workers");
    now = { numFreeSlots: 8, cacheUsage: undefined };
    const worker = await metrics.render();
    expect(worker).toContain("adaedl_num_free_slots");
    for (const name of ["num_requests_running", "num_requests_waiting", "num_workers", "kv_cache"])
      expect(worker).not.toContain(name);
  });

  test("a step counts once by its size, and each of its calls by its wait in seconds", async () => {
    const metrics = await createVerifierMetrics("tiny", () => everything);
    metrics.observeStep({ numSlots: 3, waitsMs: [0, 4, 1500] });
    metrics.observeStep({ numSlots: 1, waitsMs: [30_000] });
    const families = await scrape(metrics);
    expect(values(families, "verify_batch_size")).toMatchObject({
      1: 1,
      2: 1,
      4: 2,
      "+Inf": 2,
      _sum: 4,
      _count: 2,
    });
    const waits = values(families, "verify_batch_wait_seconds");
    expect(waits).toMatchObject({ 0.001: 1, 0.002: 1, 0.005: 2, 1: 2, 2: 3, 10: 3, "+Inf": 4 });
    expect(waits._count).toBe(4);
    expect(waits._sum).toBeCloseTo(31.504, 9);
  });

  test("placements count by their wait in seconds", async () => {
    const metrics = await createVerifierMetrics("tiny", () => everything);
    metrics.observePlacement(20);
    metrics.observePlacement(2_500);
    expect(values(await scrape(metrics), "placement_wait_seconds")).toMatchObject({
      0.01: 0,
      0.05: 1,
      2: 1,
      5: 2,
      "+Inf": 2,
      _sum: 2.52,
      _count: 2,
    });
  });

  test("counters start at zero for every reason and count up", async () => {
    const metrics = await createVerifierMetrics("tiny", () => everything);
    const before = await scrape(metrics);
    expect(values(before, "rejected_requests_total")).toEqual({
      sessions: 0,
      client_tokens: 0,
      queue: 0,
      unavailable: 0,
    });
    metrics.rejected("queue");
    metrics.rejected("queue");
    metrics.stalled();
    metrics.workerLost();
    metrics.workerLost();
    const after = await scrape(metrics);
    expect(values(after, "rejected_requests_total")).toMatchObject({ sessions: 0, queue: 2 });
    expect(values(after, "stalled_jobs_total")).toEqual({ "": 1 });
    expect(values(after, "worker_lost_total")).toEqual({ "": 2 });
  });

  test("two verifiers in a process have each their own", async () => {
    const one = await createVerifierMetrics("one", () => ({ numRunning: 1 }));
    const two = await createVerifierMetrics("two", () => ({ numRunning: 2 }));
    one.stalled();
    expect(values(await scrape(one), "stalled_jobs_total")).toEqual({ "": 1 });
    expect(values(await scrape(two), "stalled_jobs_total")).toEqual({ "": 0 });
    expect(await two.render()).not.toContain('model_name="one"');
  });

  test("a model may have any name", async () => {
    const name = 'a "b" \\c\nd';
    const families = await scrape(await createVerifierMetrics(name, () => everything));
    for (const { samples } of families.values())
      for (const { labels } of samples) expect(labels.model_name).toBe(name);
  });

  test("a measurement that is no number is left out and fails nobody", async () => {
    const metrics = await createVerifierMetrics("tiny", () => everything);
    metrics.observeStep({ numSlots: 2, waitsMs: [Number.NaN, 5] });
    metrics.observePlacement(Number.POSITIVE_INFINITY);
    const families = await scrape(metrics);
    expect(values(families, "verify_batch_wait_seconds")._count).toBe(1);
    expect(values(families, "placement_wait_seconds")._count).toBe(0);
  });
});

test("a name says its unit and its type", () => {
  for (const [name, { type, unit }] of Object.entries(verifierCatalogue)) {
    expect(name.endsWith("_total"), name).toBe(type === "counter");
    expect(name.endsWith("_seconds"), name).toBe(unit === "seconds");
    expect(`${metricPrefix}${name}`, name).toMatch(/^[a-z][a-z_]*$/);
  }
});
