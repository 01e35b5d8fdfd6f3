import type {
  IdleResult,
  OverheadResult,
  OverloadResult,
  ProcessUsage,
  StreamClient,
} from "@adaedl/bench";
import { examplePrompts } from "@adaedl/example-models";
import { type Command, Option } from "commander";
import { colorsFor } from "../../output/colors.ts";
import { createProgressBar } from "../../output/progress-bar.ts";
import { spawnService } from "../../remote/spawn-service.ts";
import { parseFrom } from "../../settings/values.ts";
import { count } from "./shared.ts";

interface GatewayOptions {
  readonly rttMs: number;
  readonly streams?: number;
  readonly idleStreams?: number;
  readonly capacity: number;
  readonly seconds?: number;
  readonly repetitions?: number;
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** What was measured; what `--json` prints. */
export interface GatewayResults {
  readonly overhead: OverheadResult;
  readonly idle: IdleResult;
  readonly overload: OverloadResult;
}

/** Of what the gateway can do: so much is too much. */
const factor = 10;

/** Adds `adaedl bench gateway`. */
export function addBenchGatewayCommand(bench: Command, watch: () => AbortSignal): void {
  bench
    .command("gateway")
    .description("what the OpenAI API costs: a token, a stream that waits, too many requests")
    .addOption(
      new Option("--rtt-ms <ms>", "round trip between draft service and verifier")
        .argParser(parseFrom(0, 10_000))
        .default(20),
    )
    .addOption(count("--streams <n>", "streams at work (default: 32, with --quick 8)", undefined))
    .addOption(
      count("--idle-streams <n>", "streams that wait (default: 200, with --quick 16)", undefined),
    )
    .addOption(count("--capacity <n>", "generations at a time, of the gateway that gets more", 4))
    .addOption(
      count("--seconds <n>", "of too many requests (default: 30, with --quick 3)", undefined),
    )
    .addOption(
      count("--repetitions <n>", "of the first figure (default: 5, with --quick 1)", undefined),
    )
    .option("--quick", "a look: less of everything")
    .option("--json", "print one JSON object")
    .action((options: GatewayOptions) => run(options, watch()));
}

async function run(options: GatewayOptions, signal: AbortSignal): Promise<void> {
  const results = await measure(options, signal);
  const { renderGateway } = await import("../../output/gateway-table.ts");
  const { rttMs, capacity } = options;
  const output = options.json
    ? JSON.stringify({ rttMs, capacity, ...results })
    : renderGateway(results, capacity, colorsFor(process.stdout));
  process.stdout.write(`${output}\n`);
}

async function measure(options: GatewayOptions, signal: AbortSignal): Promise<GatewayResults> {
  const { watchProcess } = await import("@adaedl/bench");
  const { openNetworkEmulator } = await import("@adaedl/network-emulator");
  const service = ["--pair", "storyteller", "--listen", "127.0.0.1:0", "--threads", "1"];
  await using verifier = await spawnService(["verifier", ...service, ...room], signal);
  const { hostname, port } = new URL(`tcp://${verifier.address}`);
  await using network = await openNetworkEmulator({
    upstream: { host: hostname, port: Number(port) },
    roundTripMs: options.rttMs,
  });
  const towards = ["--verifier", network.address];
  await using draft = await spawnService(["draft", ...service, ...towards, ...patience], signal);
  // Awaited here: the services end with this block.
  return await measureAll(draft.address, watchProcess(verifier.pid), options, signal);
}

/** For every stream at the verifier. */
const room = ["--max-sessions", "2048", "--max-slots", "2048", "--cache-mb", "4096"];

/** Of the draft service: its verifier stands still for a while. */
const patience = [
  ...["--max-requests", "2048", "--open-timeout", "600", "--round-timeout", "600"],
  ...["--give-up-timeout", "600", "--keepalive-time", "600"],
];

/** With a gateway of its own for each part: the memory of one is not that of another. */
async function measureAll(
  draftService: string,
  verifier: ProcessUsage,
  { quick = false, capacity, ...options }: GatewayOptions,
  signal: AbortSignal,
): Promise<GatewayResults> {
  const { measureIdle, measureOverhead, measureOverload } = await import("@adaedl/bench");
  const numRepetitions = options.repetitions ?? (quick ? 1 : 5);
  const bar = createProgressBar(2 * (numRepetitions + 1) + 4, "measurements");
  const prompts = examplePrompts("storyteller");
  const withGateway = <Result>(maxRequests: number, use: Measurement<Result>) =>
    runWithGateway(draftService, maxRequests, signal, use);
  try {
    const overhead = await withGateway(2048, (client, gateway) => {
      const numStreams = options.streams ?? (quick ? 8 : 32);
      const numTokens = quick ? 60 : 200;
      const workload = { prompts, numTokens, numStreams, numRepetitions };
      return measureOverhead(client, gateway, workload, signal, bar.step);
    });
    const idle = await withGateway(2048, (client, gateway) => {
      const numStreams = options.idleStreams ?? (quick ? 16 : 200);
      const numTokens = 400; // none may end before all have begun
      const workload = { prompts, numTokens, numStreams, settleMs: quick ? 500 : 5_000 };
      return measureIdle(client, gateway, verifier, workload, signal);
    });
    bar.step();
    const overload = await withGateway(capacity, (client, gateway) => {
      const windowMs = 1_000 * (options.seconds ?? (quick ? 3 : 30));
      const numUnloaded = quick ? 8 : 50;
      const workload = { prompts, numTokens: 40, capacity, factor, windowMs, numUnloaded };
      return measureOverload(client, gateway, workload, signal, bar.step);
    });
    return { overhead, idle, overload };
  } finally {
    bar.end();
  }
}

type Measurement<Result> = (client: StreamClient, gateway: ProcessUsage) => Promise<Result>;

async function runWithGateway<Result>(
  draftService: string,
  maxRequests: number,
  signal: AbortSignal,
  use: Measurement<Result>,
): Promise<Result> {
  const { openStreamClient, watchProcess } = await import("@adaedl/bench");
  const args = ["--listen", "127.0.0.1:0", "--draft-service", draftService];
  args.push("--max-requests", String(maxRequests));
  args.push("--no-playground"); // its files have to be built, and nobody looks at them here
  await using gateway = await spawnService(["gateway", ...args], signal);
  const client = openStreamClient(gateway.address);
  try {
    await client.whenServing(signal);
    return await use(client, watchProcess(gateway.pid));
  } finally {
    client.close();
  }
}
