import { execFile } from "node:child_process";
import { env as variables } from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export type ComposeFile = "compose.yaml" | "edge.yaml";

/**
 * Runs `docker compose`, or what is there instead of it.
 * @throws Error with what it printed
 */
export type Compose = (
  file: ComposeFile,
  env: Readonly<Record<string, string>>,
  ...args: string[]
) => Promise<string>;

/**
 * The Compose of this machine, if it has one; its second version first.
 * @throws Error when `ADAEDL_REQUIRE_DOCKER` is "1" and there is none
 */
export async function findCompose(): Promise<Compose | undefined> {
  for (const [file, ...first] of [["docker", "compose"], ["docker-compose"]] as const) {
    const isThere = await run(file, [...first, "version"]).then(
      () => true,
      () => false,
    );
    if (isThere) return (name, env, ...args) => compose([file, ...first], name, env, args);
  }
  if (variables.ADAEDL_REQUIRE_DOCKER === "1")
    throw new Error("ADAEDL_REQUIRE_DOCKER is set, but there is no Compose");
  return undefined;
}

async function compose(
  [file, ...first]: readonly [string, ...string[]],
  name: ComposeFile,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const path = fileURLToPath(new URL(`../../deploy/compose/${name}`, import.meta.url));
  const { stdout } = await run(file, [...first, "--file", path, ...args], {
    // Not in the folder of a .env file, whose passwords are somebody's own.
    cwd: fileURLToPath(new URL(".", import.meta.url)),
    env: { PATH: variables.PATH, HOME: variables.HOME, ...env },
    maxBuffer: 16 << 20,
  });
  return stdout;
}
