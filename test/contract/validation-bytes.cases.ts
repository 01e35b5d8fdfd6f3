import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Open } from "@adaedl/protocol";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";

const protoRoot = dirname(createRequire(import.meta.url).resolve("@adaedl/proto/package.json"));
const definitions = loadSync("adaedl/v2/verification.proto", { includeDirs: [protoRoot] });
const requestType = definitions["adaedl.v2.VerifyRequest"] as MessageTypeDefinition<object, object>;

/** The bytes of a message that no typed client would send. */
export function bytesOf(message: object): Buffer {
  return requestType.serialize(message);
}

/** The bytes of an Open, with default sampling. */
export function openBytesOf({ type: _, verification, ...open }: Open): Buffer {
  const verificationRule = verification === "rejection" ? 2 : 1;
  return bytesOf({ open: { ...open, sampling: {}, verificationRule } });
}

/** Sends bytes as messages of a Verify stream and closes the client's side. */
export function sendBytes(address: string, ...messages: readonly Buffer[]) {
  return endOf(address, messages, true);
}

/** Opens a Verify stream and says nothing on it. */
export function sendNothing(address: string) {
  return endOf(address, [], false);
}

async function endOf(address: string, messages: readonly Buffer[], closes: boolean) {
  const client = new Client(address, credentials.createInsecure());
  try {
    const call = client.makeBidiStreamRequest<Buffer, Buffer>(
      "/adaedl.v2.Verification/Verify",
      (bytes) => bytes,
      (bytes) => bytes,
    );
    const ended = new Promise<ServiceError | undefined>((resolve) => {
      call.on("data", () => {});
      call.on("error", (error) => resolve(error as ServiceError));
      call.on("end", () => resolve(undefined));
    });
    for (const message of messages) call.write(message);
    if (closes) call.end();
    const error = await ended;
    return error === undefined ? { code: 0, details: "" } : error;
  } finally {
    client.close();
  }
}
