import { execFile } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A target of deploy/docker/Dockerfile; the last is everything in one. */
export type ImageName = "gateway" | "draft" | "verifier" | "adaedl";

/** Where and how the images stand that tests build. */
export const testRegistry = "adaedl";
export const testVersion = "test";

export const testImage = (name: ImageName): string => `${testRegistry}/${name}:${testVersion}`;

const repository = fileURLToPath(new URL("../..", import.meta.url));
const lock = join(tmpdir(), "adaedl-build-images.lock");

/** Builds images from what is in the checkout; quick when nothing has changed. */
export async function buildImages(...names: readonly ImageName[]): Promise<void> {
  for (const name of names)
    await docker(
      // npm inside the build reaches what this machine reaches.
      ...["build", "--network", "host", "-f", "deploy/docker/Dockerfile"],
      ...["--target", name, "-t", testImage(name), "."],
    );
}

/** Builds the CUDA variant of the verifier on bases that are at hand, without the CUDA libraries. */
export async function buildVerifierCuda(base: string): Promise<string> {
  const image = `${testRegistry}/verifier-cuda:${testVersion}`;
  const args = [
    `VERIFIER_IMAGE=${testImage("verifier")}`,
    `CUDA_IMAGE=${base}`,
    "ONNXRUNTIME=skip",
  ];
  await docker(
    ...["build", "-f", "deploy/docker/verifier-cuda.Dockerfile", "-t", image],
    ...args.flatMap((arg) => ["--build-arg", arg]),
    "deploy/docker",
  );
  return image;
}

/** One build at a time: of two at once, neither would find in the cache what the other makes. */
async function docker(...args: readonly string[]): Promise<void> {
  const [file, ...rest] = ["flock", lock, "docker", ...args] as const;
  await promisify(execFile)(file, rest, {
    cwd: repository,
    maxBuffer: 64 << 20,
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
  });
}
