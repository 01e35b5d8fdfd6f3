import type { ServiceDefinition } from "@grpc/grpc-js";
import type { MessageTypeDefinition } from "@grpc/proto-loader";
import protobuf from "protobufjs/light.js";
import type { GenerationDefinition } from "./gen/adaedl/v1/Generation.ts";
import type { VerificationDefinition } from "./gen/adaedl/v2/Verification.ts";
import { definitions } from "./gen/definitions.ts";
import type { ProtoGrpcType as DetailsTypes } from "./gen/error_details.ts";
import type { HealthDefinition } from "./gen/grpc/health/v1/Health.ts";
import type { ProtoGrpcType as StatusTypes } from "./gen/status.ts";

const root = protobuf.Root.fromJSON(definitions as protobuf.INamespace).resolveAll();

// The options the types in gen/ were generated with (tools/generate-types.ts).
export const messageOptions = { longs: String, enums: String, defaults: true, oneofs: true };

export const verificationServiceName = "adaedl.v2.Verification";
export const generationServiceName = "adaedl.v1.Generation";
export const healthServiceName = "grpc.health.v1.Health";

export const Verification = {
  service: serviceOf(verificationServiceName) as VerificationDefinition,
};
export const Generation = { service: serviceOf(generationServiceName) as GenerationDefinition };
export const Health = { service: serviceOf(healthServiceName) as HealthDefinition };

type ErrorTypes = StatusTypes["google"]["rpc"] & DetailsTypes["google"]["rpc"];
type ErrorMessages = {
  readonly [Name in "Status" | "ErrorInfo" | "BadRequest" | "RetryInfo"]: Codec<ErrorTypes[Name]>;
};
type Codec<Type> =
  Type extends MessageTypeDefinition<infer In, infer Out>
    ? { serialize(message: In): Buffer; deserialize(bytes: Buffer): Out }
    : never;

/** The messages that errors travel in. */
export const errorMessages = once((): ErrorMessages => {
  const codec = (name: string) => codecOf(root.lookupType(`google.rpc.${name}`)) as never;
  return {
    Status: codec("Status"),
    ErrorInfo: codec("ErrorInfo"),
    BadRequest: codec("BadRequest"),
    RetryInfo: codec("RetryInfo"),
  };
});

/** What not every process needs is put together when it is asked for, and kept. */
export function once<T extends object>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

/**
 * As @grpc/proto-loader makes it, which also describes every message anew for reflection: a tenth of what
 * a service takes to start.
 */
function serviceOf(name: string): ServiceDefinition {
  const methods = root.lookupService(name).methodsArray.map((method) => {
    const { resolvedRequestType, resolvedResponseType, requestStream, responseStream } = method;
    const request = codecOf(resolvedRequestType as protobuf.Type);
    const response = codecOf(resolvedResponseType as protobuf.Type);
    const definition = {
      path: `/${name}/${method.name}`,
      requestStream: requestStream ?? false,
      responseStream: responseStream ?? false,
      requestSerialize: request.serialize,
      requestDeserialize: request.deserialize,
      responseSerialize: response.serialize,
      responseDeserialize: response.deserialize,
    };
    return [method.name, definition];
  });
  return Object.fromEntries(methods);
}

function codecOf(type: protobuf.Type) {
  return {
    serialize: (message: object) => type.encode(type.fromObject(message)).finish() as Buffer,
    deserialize: (bytes: Buffer) => type.toObject(type.decode(bytes), messageOptions),
  };
}
