import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";

const protoRoot = dirname(createRequire(import.meta.url).resolve("@adaedl/proto/package.json"));
const definitions = loadSync("adaedl/v1/verification.proto", { includeDirs: [protoRoot] });
const requestType = definitions["adaedl.v1.VerifyRequest"] as MessageTypeDefinition<object, object>;

/** The bytes of a message that no typed client would send. */
export function bytesOf(message: object): Buffer {
  return requestType.serialize(message);
}

/** Sends bytes as messages of a Verify stream and closes the client's side. */
export async function sendBytes(address: string, ...messages: readonly Buffer[]) {
  const client = new Client(address, credentials.createInsecure());
  try {
    const call = client.makeBidiStreamRequest<Buffer, Buffer>(
      "/adaedl.v1.Verification/Verify",
      (bytes) => bytes,
      (bytes) => bytes,
    );
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      call.on("data", () => {});
      call.on("error", (error) => resolve(error as ServiceError));
      call.on("end", () => resolve(undefined));
    });
    for (const message of messages) call.write(message);
    call.end();
    const error = await ended;
    return error === undefined ? { code: 0, details: "" } : error;
  } finally {
    client.close();
  }
}
