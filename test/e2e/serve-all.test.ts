import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type Catalogue, catalogues, metricPrefix } from "@adaedl/telemetry";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseExposition } from "../../packages/telemetry/src/metrics/exposition.cases.ts";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";
import { createCli, temporaryFolder } from "./run-cli.ts";

const { adaedl } = createCli(join(temporaryFolder(), "cache"));
const prompt = "The captain looked at the letter and";
const started: ServiceProcess[] = [];
let all: ServiceProcess;

async function start(...args: readonly string[]): Promise<ServiceProcess> {
  const one = await startServiceProcess(
    ["all", "--listen", "127.0.0.1:0", "--threads", "1", ...args],
    { ADAEDL_API_KEY: "sesame" },
  );
  started.push(one);
  return one;
}
beforeAll(async () => {
  all = await start("--policy", "static:4");
});
afterAll(() => Promise.all(started.map((one) => one.kill())));

/** An address that nobody listens on. */
async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${port}`;
}

const headers = { authorization: "Bearer sesame", "content-type": "application/json" };
const get = (path: string) => fetch(`http://${all.ready.address}${path}`, { headers });
const complete = (fields: object, { ready } = all) =>
  fetch(`http://${ready.address}/v1/completions`, {
    ...{ method: "POST", headers },
    body: JSON.stringify({ prompt, max_tokens: 40, temperature: 0.8, ...fields }),
  });

test("is ready with one line, and serves at once", async () => {
  expect(all.ready).toMatchObject({
    ...{ service: "all", model: "storyteller-target", draft: "storyteller-draft" },
    ...{ policy: "static:4", weights: "f32" },
  });
  for (const path of ["/livez", "/readyz", "/version"]) expect((await get(path)).status).toBe(200);
  expect((await fetch(`http://${all.ready.address}/v1/models`)).status).toBe(401);
});

describe("while its models open", () => {
  // The forward that takes the target's fingerprint sleeps for as long.
  const opening = async (address: string, ...args: readonly string[]) =>
    start("--listen", address, "--emulate-forward-ms", ...args);

  test("it answers that it lives and is not ready", async () => {
    const address = await freeAddress();
    const statusOf = (path: string) =>
      fetch(`http://${address}${path}`).then(
        ({ status }) => status,
        () => undefined,
      );
    const starting = opening(address, "3000");
    await expect.poll(() => statusOf("/livez"), { timeout: 30_000, interval: 20 }).toBe(200);
    expect(await statusOf("/readyz")).toBe(503);
    expect(await statusOf("/metrics")).toBe(200);
    await starting;
    expect(await statusOf("/readyz")).toBe(200);
  });

  test("an address that is taken ends the start", async () => {
    await expect(opening(all.ready.address, "60000")).rejects.toThrow("address already in use");
  });

  test("keys that cannot be read end the start", async () => {
    await expect(
      startServiceProcess([
        ...["all", "--listen", "127.0.0.1:0", "--emulate-forward-ms", "60000"],
        ...["--api-keys-file", "no-file"],
      ]),
    ).rejects.toThrow("no-file cannot be read");
  });
});

test.each(["none", "static:4", "stream"])(
  "with %s the text is that of generate",
  async (policy) => {
    const answer = (await (await complete({ seed: 7, adaedl: { policy } })).json()) as {
      readonly choices: readonly { readonly text: string }[];
    };
    const local = await adaedl([
      ...["generate", "--prompt", prompt, "--seed", "7", "--max-tokens", "40"],
      ...["--temperature", "0.8", "--policy", policy, "--json"],
    ]);
    expect(answer.choices[0]?.text).toBe(JSON.parse(local.stdout).text);
  },
);

test("the metrics of all three are shown together, each with its service", async () => {
  const families = parseExposition(await (await get("/metrics")).text());
  const names = { gateway: "gateway", "draft service": "draft", verifier: "verifier" } as const;
  for (const [title, service] of Object.entries(names)) {
    const catalogue: Catalogue = catalogues[title as keyof typeof catalogues];
    for (const [name, { type }] of Object.entries(catalogue)) {
      const family = families.get(metricPrefix + name);
      expect.soft(family?.type ?? "gauge", name).toBe(type); // a gauge may have nothing to say
      if (type !== "gauge")
        expect.soft(family?.samples.some(({ labels }) => labels.service === service)).toBe(true);
    }
  }
  const tokens = families.get(`${metricPrefix}generation_tokens_total`)?.samples ?? [];
  expect(tokens.map(({ labels }) => labels.service)).toEqual(["gateway", "draft", "verifier"]);
  for (const { value } of tokens) expect(value).toBe(tokens[0]?.value);
});

test("SIGTERM lets what runs finish, ends with exit code 0", async () => {
  const draining = await start("--emulate-forward-ms", "5");
  const streamed = await complete(
    { seed: 1, max_tokens: 100, stream: true, ignore_eos: true },
    draining,
  );
  draining.signal("SIGTERM");
  expect(await streamed.text()).toMatch(/"finish_reason":"length"[\s\S]*data: \[DONE\]\n\n$/);
  expect(await draining.ended()).toBe(0);
});

test.each([
  [["--target", "./nowhere"], 1, "model directory ./nowhere does not exist"],
  [["--draft", "./nowhere"], 1, "model directory ./nowhere does not exist"],
  [["--pair", "coder", "--target", "coder-target"], 2, "cannot be used with"],
  [["--policy", "magic"], 2, "policy must be one of none, stream["],
  [["--emulate-draft-ms", "6", "--provider", "webgpu"], 2, "is for --provider cpu only"],
])("%s is refused in one line", async (args, code, message) => {
  const { exitCode, stderr } = await adaedl(["serve", "all", "--log-level", "silent", ...args]);
  expect(stderr).toContain(message);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(exitCode).toBe(code);
});
