import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const python = "/usr/bin/python3";
const packages = [
  "python3-grpcio",
  "python3-protobuf",
  "protobuf-compiler",
  "protobuf-compiler-grpc",
];
const protoRoot = fileURLToPath(new URL("../../proto", import.meta.url));

/**
 * Sees to it that Python's own gRPC is there: installs it where that is possible (Debian, Ubuntu, as
 * root).
 * @returns why it is not there, or undefined when it is
 */
export function installPythonGrpc(): string | undefined {
  if (hasPythonGrpc()) return undefined;
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get"))
    return `Python's gRPC is missing, and only root on Debian or Ubuntu can install it: ${packages.join(" ")}`;
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", ["update", "-qq"], { env, stdio: "ignore" });
    const install = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
    execFileSync("apt-get", install, { env, stdio: "ignore" });
  } catch (error) {
    return `apt-get could not install ${packages.join(" ")}: ${(error as Error).message}`;
  }
  return hasPythonGrpc() ? undefined : "Python's gRPC was installed and does not work";
}

function hasPythonGrpc(): boolean {
  try {
    execFileSync(python, ["-c", "import grpc, google.protobuf"], { stdio: "ignore" });
    execFileSync("which", ["protoc", "grpc_python_plugin"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Python stubs of our services, and of the standard ones, from their .proto files alone. */
export function generatePythonStubs(folder: string): void {
  const require = createRequire(import.meta.url);
  const standard = join(folder, "standard");
  const copy = (from: string, to: string) => {
    mkdirSync(dirname(join(standard, to)), { recursive: true });
    cpSync(from, join(standard, to));
  };
  // Folders of their own: the files' usual ones would hide Python's package grpc.
  const packageRoot = (name: string) => dirname(dirname(dirname(require.resolve(name))));
  copy(join(protoRoot, "grpc/health/v1/health.proto"), "grpc_health/health.proto");
  copy(
    join(packageRoot("@grpc/reflection"), "build/proto/grpc/reflection/v1/reflection.proto"),
    "grpc_reflection/reflection.proto",
  );
  const files = [
    "adaedl/v1/draft.proto",
    "adaedl/v1/sampling.proto",
    "adaedl/v2/verification.proto",
    "adaedl/v1/generation.proto",
    "grpc_health/health.proto",
    "grpc_reflection/reflection.proto",
  ];
  const plugin = execFileSync("which", ["grpc_python_plugin"], { encoding: "utf8" }).trim();
  execFileSync("protoc", [
    `--plugin=protoc-gen-grpc_python=${plugin}`,
    ...["-I", protoRoot, "-I", standard],
    `--python_out=${folder}`,
    `--grpc_python_out=${folder}`,
    ...files,
  ]);
  rmSync(standard, { recursive: true });
}

/** Runs a script next to this file, and reads what it prints as JSON. */
export async function runPython(script: string, args: readonly string[]): Promise<unknown> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const { stdout } = await promisify(execFile)(python, [path, ...args], { timeout: 60_000 });
  return JSON.parse(stdout);
}
