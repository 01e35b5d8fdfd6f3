// Types of the wire protocol, from proto/. `npm run generate` writes them, `npm run generated` fails
// when what is committed is not what proto/ gives.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import protobuf from "protobufjs";

const packageFolder = "packages/protocol";
const protoFiles = [
  "adaedl/v2/verification.proto",
  "adaedl/v1/generation.proto",
  "google/rpc/status.proto",
  "google/rpc/error_details.proto",
  "grpc/health/v1/health.proto",
];
const committed = join(packageFolder, "src/gen");
const isCheck = process.argv.includes("--check");
const generated = isCheck ? mkdtempSync(join(tmpdir(), "adaedl-gen-")) : committed;

if (!isCheck) rmSync(committed, { recursive: true, force: true });
const options = "--grpcLib=@grpc/grpc-js --longs=String --enums=String --defaults --oneofs";
execFileSync(
  resolve("node_modules/.bin/proto-loader-gen-types"),
  [
    ...options.split(" "),
    ...["--includeComments", "--importFileExtension=.ts"],
    ...["--includeDirs", "../../proto", "--outDir", resolve(generated)],
    ...protoFiles,
  ],
  { cwd: packageFolder, stdio: "inherit" }, // the files name where they come from
);
writeDefinitions();
if (isCheck) check();

/** The same files as data: a service that starts parses no .proto files. */
function writeDefinitions(): void {
  const root = new protobuf.Root();
  root.resolvePath = (_, file) => resolve("proto", file);
  const definitions = root.loadSync(protoFiles).toJSON({ keepComments: false });
  const file = join(generated, "definitions.ts");
  writeFileSync(file, `export const definitions = ${JSON.stringify(definitions, null, 1)};\n`);
}

function check(): void {
  const files = new Set([...filesOf(committed), ...filesOf(generated)]);
  const different = [...files].filter(
    (file) => textOf(committed, file) !== textOf(generated, file),
  );
  rmSync(generated, { recursive: true });
  for (const file of different) console.error(`${join(committed, file)} differs from proto/`);
  console.log(`${files.size} generated files, ${different.length} differ from proto/`);
  if (different.length > 0) process.exitCode = 1;
}

function filesOf(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.filter((file) => file.endsWith(".ts"));
}

function textOf(folder: string, file: string): string | undefined {
  try {
    return readFileSync(join(folder, file), "utf8");
  } catch {
    return undefined;
  }
}
