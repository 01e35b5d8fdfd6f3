import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/**
 * Whether containers of these images can be started: a Docker engine answers and has them, or gets
 * them within a minute each.
 *
 * @throws Error naming what is missing, when `ADAEDL_REQUIRE_DOCKER` is "1": tests that need Docker
 *   then fail instead of being skipped
 */
export async function hasDockerImages(...images: readonly string[]): Promise<boolean> {
  const problem = await findProblem(images);
  if (problem === undefined) return true;
  if (process.env.ADAEDL_REQUIRE_DOCKER !== "1") return false;
  throw new Error(`ADAEDL_REQUIRE_DOCKER is set, but ${problem}`);
}

async function findProblem(images: readonly string[]): Promise<string | undefined> {
  if (!(await docker(5_000, "version"))) return "no Docker engine answers";
  for (const image of images) {
    const isThere =
      (await docker(5_000, "image", "inspect", image)) || (await docker(60_000, "pull", image));
    if (!isThere) return `Docker has no image ${image} and cannot pull it`;
  }
  return undefined;
}

/** Whether the command succeeds in time. */
async function docker(timeoutMs: number, ...args: readonly string[]): Promise<boolean> {
  return run("docker", args, { timeout: timeoutMs, killSignal: "SIGKILL" }).then(
    () => true,
    () => false,
  );
}
