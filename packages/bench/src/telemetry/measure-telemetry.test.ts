import { AdaedlError } from "@adaedl/core";
import { expect, test } from "vitest";
import { measureTelemetry } from "./measure-telemetry.ts";
import type { TelemetryStack } from "./telemetry-stack.ts";

const options = {
  ...{ prompts: ["a", "b"], numTokens: 10, numStreams: 2, numRequests: 2 },
  ...{ numWarmUpRequests: 3, numLaunches: 2 },
};

/** Each request costs the verifier 30 ms, the draft service 20 and the gateway 10. */
function fakeStack(name: string, isComplete = true) {
  const bodies: object[] = [];
  const usage = (ms: number) => ({ cpuMs: () => ms * bodies.length });
  const stack: TelemetryStack = {
    name,
    client: {
      async stream(body) {
        bodies.push(body);
        if (!isComplete) throw new AdaedlError("unavailable", "a stream must end with [DONE]");
        return 10;
      },
      async whenServing() {},
      close() {},
    },
    usage: { verifier: usage(30), draft: usage(20), gateway: usage(10) },
  };
  return { stack, bodies };
}

test("all stacks are asked for the same, each pays for its own, and is started anew", async () => {
  const launches: ReturnType<typeof fakeStack>[][] = [];
  let numEnded = 0;
  const launch = async () => {
    expect(numEnded).toBe(launches.length);
    const fakes = [fakeStack("one"), fakeStack("other")];
    launches.push(fakes);
    return {
      stacks: fakes.map(({ stack }) => stack),
      async [Symbol.asyncDispose]() {
        numEnded++;
      },
    };
  };
  const samples = await measureTelemetry(launch, options, new AbortController().signal);
  const sample = { cpuMs: { verifier: 120, draft: 80, gateway: 40 }, numTokens: 40 };
  expect(samples).toEqual([
    [sample, sample],
    [sample, sample],
  ]);
  expect(numEnded).toBe(2);
  const [[first, other], [second]] = launches as [(typeof launches)[0], (typeof launches)[0]];
  expect(first?.bodies).toHaveLength(10); // six of them to warm up
  expect(other?.bodies).toEqual(first?.bodies);
  const bodies = [...(first?.bodies ?? []), ...(second?.bodies ?? [])];
  expect(new Set(bodies.map((body) => JSON.stringify(body))).size).toBe(20);
  expect(bodies[0]).toMatchObject({ ignore_eos: true, adaedl: { policy: "static:3" } });
});

test("a stream that ends early is an error", async () => {
  const { stack } = fakeStack("broken", false);
  const launch = async () => ({ stacks: [stack], async [Symbol.asyncDispose]() {} });
  const measured = measureTelemetry(launch, options, new AbortController().signal);
  await expect(measured).rejects.toThrow('stack "broken": a stream must end with [DONE]');
});
