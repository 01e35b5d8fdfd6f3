import { createRequire } from "node:module";
import { dirname } from "node:path";
import { type GrpcObject, loadPackageDefinition } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from "@grpc/proto-loader";
import { protoPath as healthProtoPath } from "grpc-health-check";
import type { ProtoGrpcType as DetailsTypes } from "./gen/error_details.ts";
import type { ProtoGrpcType as GenerationTypes } from "./gen/generation.ts";
import type { ProtoGrpcType as StatusTypes } from "./gen/status.ts";
import type { ProtoGrpcType as VerificationTypes } from "./gen/verification.ts";

/** Where the .proto files are: a package of their own, so that an image takes them along. */
const protoRoot = dirname(createRequire(import.meta.url).resolve("@adaedl/proto/package.json"));

// The options the types in gen/ were generated with (tools/generate-types.ts).
const options = {
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
  includeDirs: [protoRoot],
};

/** Field 3 of a FileDescriptorProto, dependency. */
const importOfV1 = Buffer.from("\x1a\x0fadaedl_v1.proto");

const serviceDefinitions: PackageDefinition = loadSync(
  ["adaedl/v2/verification.proto", "adaedl/v1/generation.proto"],
  options,
);

/** What reflection can show: our services, and health. */
export const reflectedDefinitions = once(
  (): PackageDefinition => ({
    ...oneOfEachFile(serviceDefinitions),
    ...oneOfEachFile(loadSync(healthProtoPath, options)),
  }),
);
export const healthServiceName = "grpc.health.v1.Health";

const services = loadPackageDefinition(serviceDefinitions) as GrpcObject &
  VerificationTypes &
  GenerationTypes;
export const { Verification } = services.adaedl.v2;
export const verificationServiceName = "adaedl.v2.Verification";
export const { Generation } = services.adaedl.v1;
export const generationServiceName = "adaedl.v1.Generation";

/** The messages that errors travel in: google.rpc. */
export const errorMessages = once(() => {
  const files = ["google/rpc/status.proto", "google/rpc/error_details.proto"];
  const definitions = loadPackageDefinition(loadSync(files, options)) as GrpcObject &
    StatusTypes &
    DetailsTypes;
  return definitions.google.rpc;
});

/** What not every process needs is put together when it is asked for, and kept. */
export function once<T extends object>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
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
