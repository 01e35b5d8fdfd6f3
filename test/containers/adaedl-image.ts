import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const adaedlImage = "adaedl:test";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** Builds the image from what is in the checkout; quick when nothing has changed. */
export async function buildAdaedlImage(): Promise<void> {
  // npm inside the build reaches what this machine reaches.
  const args = ["build", "--network", "host", "-f", "deploy/docker/Dockerfile", "-t", adaedlImage];
  await promisify(execFile)("docker", [...args, "."], {
    cwd: repository,
    maxBuffer: 64 << 20,
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
  });
}
