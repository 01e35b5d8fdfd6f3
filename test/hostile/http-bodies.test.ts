import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hostileBodies } from "../../services/gateway/src/openai/hostile-bodies.cases.ts";
import { type GatewayProcess, startAttackedGateway } from "./gateway-process.ts";
import { memoryLimit } from "./memory.ts";
import { otherClient } from "./other-client.ts";

let gateway: GatewayProcess;
beforeAll(async () => {
  gateway = await startAttackedGateway();
});
afterAll(() => gateway?.[Symbol.asyncDispose]());

async function post(
  path: string,
  body: string,
): Promise<{ status: number | undefined; answer: string }> {
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const asked = request({ port: gateway.port, path, method: "POST", agent: false, headers });
  asked.on("error", () => {}); // of what is still sent after the answer
  const [answer] = (await once(asked.end(body), "response")) as [IncomingMessage];
  return { status: answer.statusCode, answer: await text(answer) };
}

async function expectRefusal(path: string, body: string, status = 400): Promise<void> {
  const refusal = await post(path, body);
  expect(refusal.status).toBe(status);
  expect(refusal.answer.length).toBeLessThan(2_000);
  const { error } = JSON.parse(refusal.answer);
  expect(error).toMatchObject({ type: "invalid_request_error", code: "invalid_argument" });
}

test("hostile bodies are refused, several at a time, while others are served", async () => {
  const others = otherClient(gateway.port);
  const bodies = hostileBodies.filter((_, index) => index % 3 === 0); // a unit test has them all
  for (let start = 0; start < bodies.length; start += 5) {
    const several = bodies.slice(start, start + 5);
    await Promise.all(several.map(({ path, body }) => expectRefusal(path, body)));
  }
  expect(await others.stop("hostile bodies")).toBeGreaterThan(0);
  expect(gateway.peakMemory()).toBeLessThan(memoryLimit);
}, 120_000);

test("a body that is too large is refused, and its client gets to read why", async () => {
  const large = JSON.stringify({ prompt: "x".repeat(8 << 20) });
  await expectRefusal("/v1/completions", large, 413);
}, 120_000);
