// How long the command takes to start, built as it ships: checkouts are measured in turns, so that what else the
// machine does meets all of them.
// npx tsx tools/measure-starts.ts ROUNDS CHECKOUT…

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Start {
  readonly wallMs: number;
  /** Processor time of all its threads. */
  readonly cpuMs: number;
}
interface Started extends Start {
  readonly output: string;
  end(): Promise<void>;
}

const [rounds = "5", ...checkouts] = process.argv.slice(2);
const folders = checkouts.length > 0 ? checkouts : ["."];
const clockTickMs = 10; // of /proc: 100 a second, on every Linux that Node has builds for
const local = ["--listen", "127.0.0.1:0"];

/** Runs the command until its output is enough. */
async function start(
  checkout: string,
  args: readonly string[],
  isEnough: (output: string) => boolean,
): Promise<Started> {
  const startedAt = performance.now();
  const entry = join(checkout, "packages/cli/bin/adaedl.js");
  const child = spawn(process.execPath, [entry, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  for await (const chunk of child.stdout.iterator({ destroyOnReturn: false })) {
    output += chunk;
    if (isEnough(output)) break;
  }
  const wallMs = performance.now() - startedAt;
  const stat = readFileSync(`/proc/${child.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const cpuMs = (Number(stat[11]) + Number(stat[12])) * clockTickMs;
  const end = async () => {
    child.stdout.destroy();
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return { wallMs, cpuMs, output, end };
}

const readyLine = (output: string) =>
  output.split("\n").find((line) => /"msg":"ready"}$/.test(line));
const serve = (checkout: string, ...args: readonly string[]) =>
  start(checkout, ["serve", ...args, ...local], (output) => readyLine(output) !== undefined);
const addressOf = ({ output }: Started): string => JSON.parse(readyLine(output) ?? "").address;

/** One after the other, each once the one that it asks is ready. */
async function serveThree(checkout: string): Promise<Record<string, Start>> {
  const verifier = await serve(checkout, "verifier");
  const draft = await serve(checkout, "draft", "--verifier", addressOf(verifier));
  const gateway = await serve(checkout, "gateway", "--draft-service", addressOf(draft));
  const all = [gateway, draft, verifier];
  for (const one of all) await one.end();
  const sum = (key: keyof Start) => all.reduce((total, one) => total + one[key], 0);
  const three = { wallMs: sum("wallMs"), cpuMs: sum("cpuMs") };
  return { "serve verifier": verifier, "serve draft": draft, "serve gateway": gateway, three };
}

async function measure(checkout: string): Promise<Record<string, Start>> {
  const words = ["generate", "--prompt", "Once upon a time", "--max-tokens", "4"];
  const generate = await start(checkout, words, (output) => output.length > 0);
  await generate.end();
  const all = await serve(checkout, "all");
  await all.end();
  return { "generate, first token": generate, "serve all": all, ...(await serveThree(checkout)) };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const samples = folders.map((): Record<string, Start>[] => []);
for (let round = 0; round < Number(rounds); round++)
  for (const [index, checkout] of folders.entries()) samples[index]?.push(await measure(checkout));
for (const [index, checkout] of folders.entries())
  for (const name of Object.keys(samples[index]?.[0] ?? {})) {
    const of = (key: keyof Start) =>
      median(samples[index]?.map((all) => all[name]?.[key] ?? 0) ?? []);
    console.log(
      `${checkout}  ${name}: ${of("wallMs")?.toFixed(0)} ms, processor ${of("cpuMs")} ms`,
    );
  }
