import { expect, inject, test } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import type { CommitDetails } from "./ask-gateway.ts";
import { type CollectedSpan, openTraceCollector } from "./trace-collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const clientSpanId = "b7ad6b7169203331";
const numTokens = 80;

test("one trace shows a request from HTTP to the step, over four processes and Redis", async () => {
  await using collector = await openTraceCollector();
  const processes: ServiceProcess[] = [];
  const start = async (...args: string[]) => {
    const started = await startServiceProcess(args, collector.env);
    processes.push(started);
    return started.ready.address;
  };
  try {
    const common = ["--listen", "127.0.0.1:0"];
    const redis = ["--redis-url", inject("redisUrl"), "--redis-namespace", `traces-${process.pid}`];
    const worker = start("verifier", "--role", "worker", "--threads", "1", ...redis, ...common);
    const ingress = await start("verifier", "--role", "ingress", ...redis, ...common);
    await worker;
    const draft = await start("draft", "--threads", "1", "--verifier", ingress, ...common);
    const gateway = await start("gateway", "--draft-service", draft, ...common);
    await expect
      .poll(() => fetch(`http://${gateway}/health`).then(({ status }) => status))
      .toBe(200);

    const response = await fetch(`http://${gateway}/v1/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        traceparent: `00-${traceId}-${clientSpanId}-01`,
        "x-request-id": "request-of-the-test",
      },
      body: JSON.stringify({
        prompt: "The captain looked at the letter and",
        max_tokens: numTokens,
        seed: 1,
        ignore_eos: true,
        adaedl: { policy: "static:3", details: true },
      }),
    });
    const { choices, usage } = (await response.json()) as {
      choices: [{ adaedl: { commits: CommitDetails[] } }];
      usage: { prompt_tokens: number };
    };
    const logs = processes.map((running) => running.lines);
    for (const running of processes.splice(0).toReversed()) {
      running.signal("SIGTERM"); // what is left is sent before the end
      expect(await running.ended()).toBe(0);
    }

    const lines = logs.flat();
    expect(lines.length).toBeGreaterThan(8);
    expect(lines.filter((line) => /captain/i.test(line))).toEqual([]); // never a prompt at info

    const { spans } = collector;
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
    const childrenOf = (spanId: string) => spans.filter((span) => span.parentSpanId === spanId);
    const only = (spanId: string, name: string): CollectedSpan => {
      const found = childrenOf(spanId).filter((span) => span.name === name);
      expect(found.map((span) => span.name)).toEqual([name]);
      return found[0] as CollectedSpan;
    };

    const root = only(clientSpanId, "text_completion storyteller-target");
    expect(root.service).toBe("adaedl-gateway");
    expect(root.attributes).toMatchObject({
      "gen_ai.usage.input_tokens": usage.prompt_tokens,
      "gen_ai.usage.output_tokens": numTokens,
    });
    const asked = only(root.spanId, "adaedl.v1.Generation/Generate");
    expect([asked.service, asked.attributes["server.address"]]).toEqual(["adaedl-gateway", draft]);
    const generated = only(asked.spanId, "adaedl.v1.Generation/Generate");
    expect(generated.service).toBe("adaedl-draft");
    const called = only(generated.spanId, "adaedl.v2.Verification/Verify");
    expect(called.service).toBe("adaedl-draft");
    const session = only(called.spanId, "adaedl.v2.Verification/Verify");
    expect(session.service).toBe("adaedl-verifier");
    expect(session.attributes["adaedl.session_id"]).toContain("request-of-the-test"); // as in its logs
    only(session.spanId, "prefill");

    const commits = childrenOf(generated.spanId).filter((span) => span.name === "commit");
    const numberOf = (span: CollectedSpan) => Number(span.attributes["adaedl.commit"]);
    const told = choices[0].adaedl.commits;
    expect(told.length).toBeGreaterThan(24);
    // Those at the beginning, then fewer and fewer.
    const numbers = commits.map(numberOf).toSorted((a, b) => a - b);
    const sample = [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64];
    expect(numbers).toEqual(sample.filter((number) => number < told.length));
    // Of the same commits the verifier records the wait for the step and the step.
    const partsOf = (name: string) =>
      childrenOf(session.spanId)
        .filter((span) => span.name === name)
        .toSorted((a, b) => startMs(a) - startMs(b));
    const steps = partsOf("step");
    const queues = partsOf("queue").slice(1); // the first one is the prefill's
    expect(steps).toHaveLength(commits.length);
    expect(spans.filter(({ name }) => name === "step")).toHaveLength(commits.length);
    for (const commit of commits) {
      const number = numberOf(commit);
      const { draft_tokens, num_accepted } = told[number] as CommitDetails;
      expect(commit.attributes).toMatchObject({
        "adaedl.num_drafted": draft_tokens.length,
        "adaedl.num_accepted": num_accepted,
      });
      expect(Number(commit.attributes["adaedl.draft_ms"]) > 0).toBe(draft_tokens.length > 0);
      const place = numbers.indexOf(number);
      const step = steps[place] as CollectedSpan;
      expect(step.attributes).toMatchObject({
        "adaedl.batch_size": 1,
        "adaedl.num_drafted": draft_tokens.length,
        "adaedl.num_accepted": num_accepted,
      });
      const queue = queues[place] as CollectedSpan;
      expect(Number(queue.endTimeUnixNano)).toBeLessThanOrEqual(Number(step.endTimeUnixNano));
    }
    expect(spans.filter(({ status }) => status.code !== 0)).toEqual([]);
  } finally {
    for (const running of processes) await running.kill();
  }
});

const startMs = ({ startTimeUnixNano }: CollectedSpan) => Number(startTimeUnixNano) / 1e6;
