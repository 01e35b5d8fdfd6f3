import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { MessageTypeDefinition, PackageDefinition } from "@grpc/proto-loader";
import { messageOptions } from "../definitions.ts";

const require = createRequire(import.meta.url);
/** Where the .proto files are: a package of their own, so that an image takes them along. */
const protoRoot = dirname(require.resolve("@adaedl/proto/package.json"));

/** Field 3 of a FileDescriptorProto, dependency. */
const importOfV1 = Buffer.from("\x1a\x0fadaedl_v1.proto");

/** What reflection can show: our services, and health. */
export function reflectedDefinitions(): PackageDefinition {
  // Required here: parsing files and describing them takes its time, and hardly anybody asks.
  const { loadSync } = require("@grpc/proto-loader") as typeof import("@grpc/proto-loader");
  const options = { ...messageOptions, includeDirs: [protoRoot] };
  return {
    ...oneOfEachFile(
      loadSync(["adaedl/v2/verification.proto", "adaedl/v1/generation.proto"], options),
    ),
    ...oneOfEachFile(loadSync("grpc/health/v1/health.proto", options)),
  };
}

/** Every message carries the files it comes from, and reflection decodes them anew for each. */
function oneOfEachFile(definitions: PackageDefinition): PackageDefinition {
  const byFiles = new Map<unknown, [string, PackageDefinition[string]]>();
  for (const [name, definition] of Object.entries(definitions)) {
    if (!("fileDescriptorProtos" in definition)) continue;
    const message = definition as MessageTypeDefinition<object, object>;
    const files = message.fileDescriptorProtos;
    byFiles.set(files, [name, { ...message, fileDescriptorProtos: files.map(withImports) }]);
  }
  return Object.fromEntries(byFiles.values());
}

/**
 * The library makes one file of each package and leaves out what it imports; clients of reflection that
 * check the files reject such ones. A field that is appended to a message's bytes is added to it.
 */
function withImports(file: Buffer): Buffer {
  const isOf = (name: string) => file.subarray(2, 2 + name.length).equals(Buffer.from(name));
  return isOf("adaedl_v2.proto") ? Buffer.concat([file, importOfV1]) : file;
}
