import { createRequire } from "node:module";
import { vi } from "vitest";
import { addServeCommand } from "../../packages/cli/src/commands/serve/serve.ts";
import {
  type Container,
  isOurs,
  type KubeObject,
  ownImage,
  workloadsOf,
} from "./kubernetes-objects.ts";

type Command = Parameters<typeof addServeCommand>[0];

// The one that the command itself is made with.
const requireOfCli = createRequire(new URL("../../packages/cli/package.json", import.meta.url));
const { Command } = requireOfCli("commander") as { Command: new (name: string) => Command };

/** Variables that are none of a command's settings. */
const otherVariables = ["ADAEDL_CACHE_DIR"];

/** Settings that the command of a container does not have, or does not take. */
export async function settingProblems(objects: readonly KubeObject[]): Promise<string[]> {
  const problems: string[] = [];
  for (const { name, containers } of workloadsOf(objects))
    for (const container of containers.filter(isOurs))
      for (const problem of await containerProblems(container))
        problems.push(`${name}: ${problem}`);
  return problems;
}

async function containerProblems(container: Container) {
  const { image = "", args = [], env = [] } = container;
  const [serve, service] = args;
  // An image of a service has that service in it; the verifier for CUDA is a verifier.
  if (serve !== "serve" || service !== ownImage(container)?.split("-")[0])
    return [`${image} does not run "${args.join(" ")}"`];
  const secret = "secret"; // for what comes from a Secret
  const variables = env
    .filter(({ name }) => name.startsWith("ADAEDL_"))
    .map(({ name, value }) => [name, (value ?? secret).replace(/\$\(\w+\)/g, secret)] as const);
  let config: Record<string, unknown>;
  try {
    config = await configOf([...args, "--print-config"], variables);
  } catch (error) {
    return [(error as Error).message];
  }
  const problems = variables
    .map(([name]) => name)
    .filter((name) => !otherVariables.includes(name) && !Object.hasOwn(config, settingOf(name)))
    .map((name) => `${name} is no setting of ${args.join(" ")}`);
  if (service === "verifier" && config.role !== "all" && config.redisUrl === null)
    problems.push(`the role ${config.role} needs ADAEDL_REDIS_URL`);
  if (!/^0\.0\.0\.0:/.test(String(config.listen))) problems.push("serves nobody but itself");
  return problems;
}

/** ADAEDL_MAX_SESSIONS is maxSessions, ADAEDL_NO_PLAYGROUND is playground. */
function settingOf(variable: string): string {
  const words = variable.toLowerCase().split("_").slice(1);
  const own = words[0] === "no" ? words.slice(1) : words;
  return own
    .map((word, index) => (index === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)))
    .join("");
}

/** What the command itself makes of its variables. @throws what it would tell its user */
async function configOf(
  args: readonly string[],
  variables: readonly (readonly [string, string])[],
): Promise<Record<string, unknown>> {
  const program = new Command("adaedl").configureOutput({ writeErr: () => {} }).exitOverride();
  addServeCommand(program);
  for (const [name, value] of variables) vi.stubEnv(name, value);
  let printed = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += text;
    return true;
  });
  try {
    await program.parseAsync([...args], { from: "user" });
  } finally {
    stdout.mockRestore();
    vi.unstubAllEnvs();
  }
  return JSON.parse(printed) as Record<string, unknown>;
}
