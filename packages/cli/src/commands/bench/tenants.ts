import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TenantsResult } from "@adaedl/bench";
import type { Command } from "commander";
import { percent, ratio } from "../../output/numbers.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { type SpawnedService, spawnService } from "../../remote/spawn-service.ts";
import { setting } from "../../settings/setting.ts";
import { count } from "./shared.ts";

interface TenantsOptions {
  readonly redisUrl?: string;
  readonly workers: number;
  readonly tokens: number;
  readonly seconds: number;
  readonly repetitions: number;
  readonly json?: boolean;
}

const numTenants = 4;
const loudFactor = 10;
/** Of the capacity, for each quiet tenant: with the loud one it is asked for more than it has. */
const share = 0.1;
/** What the loud one may have under way: a client's quota, in requests. */
const quota = 24;

/** Adds `adaedl bench tenants`. */
export function addBenchTenantsCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("tenants")
    .description("four clients, one of them with ten times the load: what the others keep")
    .addOption(
      setting("--redis-url <url>", "an ingress and workers over it; default: one verifier"),
    )
    .addOption(count("--workers <n>", "with Redis", 2))
    .addOption(count("--tokens <n>", "of each request", 40))
    .addOption(count("--seconds <n>", "of each measurement", 6))
    .addOption(count("--repetitions <n>", "every figure is the median of so many", 5))
    .option("--json", "print one JSON object")
    .action((options: TenantsOptions) => run(options, watch()));
}

async function run(options: TenantsOptions, signal: AbortSignal): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "adaedl-tenants-"));
  const names = Array.from({ length: numTenants }, (_, index) => `tenant-${index}`);
  const services: SpawnedService[] = [];
  const serve = async (...args: string[]) => {
    const service = await spawnService(["verifier", "--listen", "127.0.0.1:0", ...args], signal);
    services.push(service);
    return service.address;
  };
  try {
    const tokensFile = join(directory, "tokens");
    await writeFile(tokensFile, names.map((name) => `${name} ${tokenOf(name)}\n`).join(""));
    const limits = ["--tokens-file", tokensFile, "--max-client-tokens"];
    limits.push(String(quota * (options.tokens + 8)));
    await measure(await startVerifier(options, serve, limits), names, options, signal);
  } finally {
    await Promise.all(services.map((service) => service.stop()));
    await rm(directory, { recursive: true });
  }
}

async function measure(
  address: string,
  names: readonly string[],
  options: TenantsOptions,
  signal: AbortSignal,
): Promise<void> {
  const { benchmarkTenants } = await import("@adaedl/bench");
  const { openVerificationClient } = await import("@adaedl/protocol");
  const tenants = names.map((name) => openVerificationClient({ address, token: tokenOf(name) }));
  try {
    const { tokens, seconds, repetitions } = options;
    const bar = createProgressBar(repetitions, "repetitions");
    const result = await benchmarkTenants(
      {
        tenants,
        loudFactor,
        share,
        numTokens: tokens,
        windowMs: seconds * 1_000,
        numRepetitions: repetitions,
      },
      signal,
      bar.step,
    ).finally(bar.end);
    process.stdout.write(`${options.json ? JSON.stringify(result) : render(result)}\n`);
  } finally {
    for (const tenant of tenants) tenant.close();
  }
}

type Serve = (...args: string[]) => Promise<string>;

/** One verifier; with Redis an ingress and workers. */
async function startVerifier(
  { redisUrl, workers }: TenantsOptions,
  serve: Serve,
  limits: readonly string[],
): Promise<string> {
  const model = ["--threads", "1"];
  if (redisUrl === undefined) return serve(...model, ...limits);
  const redis = ["--redis-url", redisUrl, "--redis-namespace", `bench-${process.pid}`];
  await Promise.all(
    Array.from({ length: workers }, () => serve("--role", "worker", ...redis, ...model)),
  );
  return serve("--role", "ingress", ...redis, ...limits);
}

function tokenOf(name: string): string {
  return `secret-of-${name}`;
}

function render(result: TenantsResult): string {
  const { capacity, quietAlone, quietBeside, kept, keptWorst, loud, numRefused } = result;
  return [
    `The verifier writes ${ratio(capacity)} tokens/s.`,
    `Three tenants that ask for ${percent(share)} of it each get ${ratio(quietAlone)} together;`,
    `beside a fourth with ${loudFactor} times their load ${ratio(quietBeside)}, which is ${percent(kept)} (the worst of them ${percent(keptWorst)}).`,
    `The fourth gets ${ratio(loud)}; ${numRefused} of its requests were over its quota.`,
  ].join("\n");
}
