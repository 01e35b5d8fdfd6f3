import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFreePort, hasDockerImages } from "@adaedl/testing";
import { type ExpectStatic, expect, test } from "vitest";
import { createAuthority } from "../../packages/protocol/src/security/certificates.cases.ts";
import {
  buildImages,
  buildVerifierCuda,
  testImage,
  testRegistry,
  testVersion,
} from "../containers/service-images.ts";
import { type ComposeFile, findCompose } from "./compose-command.ts";
import { alertExpressions, alerts, dashboardExpressions } from "./grafana-expressions.ts";

const nodeImage = "node:20-bookworm-slim";
// Where no registry is in reach, stand-ins of Debian's packages (deploy/docker/base-images.sh).
const redisImage = "redis:7-bookworm";
const prometheusImage = "prom/prometheus:v3.15.0";

const compose = await findCompose();
const isReady =
  compose !== undefined && (await hasDockerImages(redisImage, prometheusImage, nodeImage));
if (!isReady)
  console.warn(`SKIPPED: no Compose or no ${redisImage}, ${prometheusImage}, ${nodeImage} here`);

// Side by side: most of each test is waiting until something is healthy.
const testImages = test.skipIf(!isReady).concurrent;

const docker = async (...args: string[]) => (await promisify(execFile)("docker", args)).stdout;
const model = "storyteller-target";
const numTokens = 24;

testImages(
  "the stack comes up, serves a completion and is seen by Prometheus, with no rights to speak of",
  { timeout: 900_000 },
  async ({ expect }) => {
    await buildImages("gateway", "draft", "verifier");
    const gateway = `127.0.0.1:${await findFreePort()}`;
    const prometheus = `127.0.0.1:${await findFreePort()}`;
    const cpus = String(Math.min(2, availableParallelism()));
    await using stack = openStack("compose.yaml", {
      REDIS_IMAGE: redisImage,
      REDIS_PASSWORD: "of-this-test",
      GRAFANA_PASSWORD: "of-nobody",
      GATEWAY_LISTEN: gateway,
      PROMETHEUS_LISTEN: prometheus,
      WORKER_CPUS: cpus,
    });
    console.info("left out: Grafana, whose image cannot be had everywhere and Debian has not");
    await stack.run("up", "--detach", "--no-build", "gateway", "prometheus");
    await complete(gateway, expect);

    const ask = (query: string) => askPrometheus(prometheus, query);
    await expect
      .poll(() => ask("sum by (component) (up)"), { timeout: 180_000, interval: 500 })
      .toEqual({ gateway: 1, draft: 1, "verifier-ingress": 1, "verifier-worker": 2 });
    await expect
      .poll(() => ask("sum by (component) (adaedl_generation_tokens_total) > 0"), {
        timeout: 90_000,
        interval: 500,
      })
      .toEqual({ gateway: numTokens, draft: numTokens, "verifier-worker": expect.any(Number) });
    await expect
      .poll(() => ask("sum by (component) (adaedl_verify_batch_size_count) > 0"), {
        timeout: 90_000,
        interval: 500,
      })
      .toEqual({ "verifier-worker": expect.any(Number) });
    // A real Prometheus reads what the dashboard and the alerts ask.
    for (const { text } of [...dashboardExpressions, ...alertExpressions]) await ask(text);
    expect(await loadedAlerts(prometheus)).toEqual(alerts.map(({ alert }) => alert).sort());

    const containers = await stack.containers();
    expect(containers.length).toBe(7);
    for (const { Name, Config, HostConfig } of containers) {
      expect(Config.User, Name).toMatch(/^[1-9]\d*:/);
      expect(HostConfig, Name).toMatchObject({ ReadonlyRootfs: true, CapDrop: ["ALL"] });
    }
    const write = (id: string) => docker("exec", id, "touch", "/here");
    for (const { Id } of containers)
      await expect(write(Id)).rejects.toThrow("Read-only file system");
    const redis = containers.find(({ Config }) => Config.Image === redisImage)?.Id ?? "";
    const redisCli = (...args: string[]) => docker("exec", redis, ...args);
    const setting = (name: string) => redisCli("redis-cli", "config", "get", name);
    expect(await setting("maxmemory-policy")).toContain("noeviction");
    expect(await setting("appendonly")).toContain("yes");
    expect(await redisCli("env", "-u", "REDISCLI_AUTH", "redis-cli", "ping")).toContain("NOAUTH");
    await expect
      .poll(async () => (await stack.containers()).map(({ State }) => State.Health.Status), {
        timeout: 180_000,
      })
      .toEqual(containers.map(() => "healthy"));

    await stack.run("stop");
    for (const { Name, State } of await stack.containers()) expect(State.ExitCode, Name).toBe(0);
  },
);

testImages(
  "a box at the edge serves with a verifier elsewhere, over TLS and with a token",
  { timeout: 900_000 },
  async ({ expect }) => {
    await buildImages("gateway", "draft", "verifier");
    const folder = mkdtempSync(join(tmpdir(), "adaedl-edge-"));
    try {
      const authority = createAuthority("the ca");
      const host = "verify.example.com";
      const { cert, key } = authority.issue({ commonName: host, usage: "server", hosts: [host] });
      const contents = {
        "cert.pem": cert,
        "key.pem": key,
        "verifier-ca.pem": authority.cert,
        tokens: "edge-1 the-token-of-this-box\n",
        "verifier-token": "the-token-of-this-box\n",
      };
      for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, name), text);
      chmodSync(folder, 0o755); // for the user in the containers

      const gateway = `127.0.0.1:${await findFreePort()}`;
      await using stack = openStack("edge.yaml", {
        VERIFIER: `${host}:50051`,
        SECRETS: folder,
        GATEWAY_LISTEN: gateway,
        METRICS_LISTEN: `127.0.0.1:${await findFreePort()}`,
      });
      await stack.run("up", "--detach", "--no-build");
      const files = ["cert", "key"].map((name) => `--tls-${name}=/tls/${name}.pem`);
      const verifier = await docker(
        ...["run", "--detach", "--rm", "--read-only", "--volume", `${folder}:/tls:ro`],
        ...["--network", `${stack.project}_front`, "--network-alias", host],
        ...[testImage("verifier"), "serve", "verifier", "--tokens-file=/tls/tokens", ...files],
      );
      try {
        await complete(gateway, expect);
      } finally {
        await docker("kill", verifier.trim());
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

testImages(
  "a service ends at once when it is stopped before it has begun",
  { timeout: 900_000 },
  async () => {
    await buildImages("verifier");
    const id = (await docker("run", "--detach", testImage("verifier"))).trim();
    try {
      await docker("stop", "--time", "30", id);
      const exitCode = await docker("inspect", "--format", "{{.State.ExitCode}}", id);
      expect(exitCode.trim()).toMatch(/^(?:0|143)$/); // not 137: killed because it had not heard
    } finally {
      await docker("rm", "--force", id);
    }
  },
);

testImages(
  "the image of everything, and the CUDA variant without its libraries, start",
  { timeout: 900_000 },
  async () => {
    await buildImages("verifier", "adaedl");
    const cuda = await buildVerifierCuda(nodeImage);
    const run = (image: string, ...args: string[]) =>
      docker("run", "--rm", "--read-only", "--cap-drop", "ALL", image, ...args);
    const text = await run(
      testImage("adaedl"),
      "generate",
      "--prompt",
      "Once",
      "--max-tokens",
      "4",
    );
    expect(text.length).toBeGreaterThan(4);
    expect(await run(cuda, "serve", "verifier", "--print-config")).toContain('"provider": "cuda"');
  },
);

interface Container {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly User: string; readonly Image: string };
  readonly HostConfig: object;
  readonly State: { readonly ExitCode: number; readonly Health: { readonly Status: string } };
}

interface Stack extends AsyncDisposable {
  readonly project: string;
  run(...args: string[]): Promise<string>;
  containers(): Promise<readonly Container[]>;
}

/** A project of its own, of which nothing is left in the end. */
function openStack(file: ComposeFile, settings: Readonly<Record<string, string>>): Stack {
  if (compose === undefined) throw new Error("there is no Compose");
  const project = `adaedl-test-${process.pid}-${file.replace(".yaml", "")}`;
  const env = { ADAEDL_REGISTRY: testRegistry, ADAEDL_VERSION: testVersion, ...settings };
  const over = file === "compose.yaml" ? ["--file", "soon-healthy.yaml"] : [];
  const run = (...args: string[]) =>
    compose(file, env, ...over, "--project-name", project, ...args);
  const label = `label=com.docker.compose.project=${project}`;
  return {
    project,
    run,
    async containers() {
      const ids = await docker("ps", "--all", "--quiet", "--filter", label);
      return JSON.parse(await docker("inspect", ...ids.split("\n").filter(Boolean)));
    },
    async [Symbol.asyncDispose]() {
      await run("down", "--volumes", "--timeout", "1");
    },
  };
}

/** Waits until the gateway serves, and has it complete a text. */
async function complete(gateway: string, expect: ExpectStatic): Promise<void> {
  const isServing = () =>
    fetch(`http://${gateway}/health`, { signal: AbortSignal.timeout(5_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isServing, { timeout: 120_000, interval: 250 }).toBe(true);
  const response = await fetch(`http://${gateway}/v1/completions`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ...{ model, prompt: "Once upon a time", max_tokens: numTokens, ignore_eos: true },
    }),
  });
  expect(await response.json()).toMatchObject({
    choices: [{ text: expect.stringMatching(/\w/), finish_reason: "length" }],
    usage: { completion_tokens: numTokens },
  });
}

/** The values of a query that Prometheus understands, by component. */
async function askPrometheus(address: string, query: string): Promise<Record<string, number>> {
  const url = `http://${address}/api/v1/query?${new URLSearchParams({ query })}`;
  const answer = (await (await fetch(url)).json()) as {
    readonly status: string;
    readonly data: {
      readonly result: readonly {
        readonly metric: { readonly component?: string };
        readonly value: readonly [number, string];
      }[];
    };
  };
  expect(answer, query).toMatchObject({ status: "success" });
  return Object.fromEntries(
    answer.data.result.map(({ metric, value }) => [metric.component ?? "", Number(value[1])]),
  );
}

async function loadedAlerts(address: string): Promise<string[]> {
  const answer = (await (await fetch(`http://${address}/api/v1/rules`)).json()) as {
    readonly data: { readonly groups: readonly { readonly rules: readonly { name: string }[] }[] };
  };
  return answer.data.groups.flatMap(({ rules }) => rules.map(({ name }) => name)).sort();
}
