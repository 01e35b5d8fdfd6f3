import { expect, test } from "vitest";
import { failureOf, open, writeTiny } from "./open-thread.cases.ts";

const directory = writeTiny({ architecture: "llama" });

test("the processor is used unless another provider is asked for", async () => {
  const threads = [await open({ directory }), await open({ directory, provider: "cpu" })];
  expect(threads.map(({ info }) => info.provider)).toEqual(["cpu", "cpu"]);
});

test("an unknown provider is refused by name", async () => {
  expect(await failureOf(open({ directory, provider: "nonsense" }))).toEqual({
    code: "failed_precondition",
    message: expect.stringMatching(
      /^provider nonsense cannot run \/.*groups-1\.onnx: no available backend found\. ERR: \[nonsense\] backend not found\.$/,
    ),
  });
});

test("short weights are refused with another provider", async () => {
  expect(await failureOf(open({ directory, provider: "webgpu", weights: "int8" }))).toEqual({
    code: "failed_precondition",
    message: "weights must be f32 with the provider webgpu, got int8: short weights run on cpu",
  });
});

// Machines differ in what they have: a provider starts or is refused, and never becomes another.
test.each(["cuda", "webgpu"])("%s starts as itself or is refused by name", async (provider) => {
  const outcome = await open({ directory, provider }).then(
    ({ info }) => ({ code: "started", message: `provider ${info.provider}` }),
    ({ code, message }) => ({ code, message }),
  );
  expect(["started", "failed_precondition"]).toContain(outcome.code);
  const refused = new RegExp(`^provider ${provider} cannot run /.*groups-1\\.onnx: [^\\n]+$`);
  expect(outcome.message).toMatch(
    outcome.code === "started" ? new RegExp(`^provider ${provider}$`) : refused,
  );
});
