import { AdaedlError, invalidField } from "@adaedl/core";
import { Verification } from "../definitions.ts";
import { maxMessageBytes } from "../limits.ts";
import { maxResponseBytes } from "./limits.ts";
import type { VerifyRequest, VerifyResponse } from "./messages.ts";
import { decodeVerifyRequest, encodeVerifyRequest } from "./request-codec.ts";
import { decodeVerifyResponse, encodeVerifyResponse } from "./response-codec.ts";

// The messages of a stream as bytes, the same on every channel: within gRPC's frames or without.

const { Verify } = Verification.service;

export function encodeRequestBytes(message: VerifyRequest): Buffer {
  return Verify.requestSerialize(encodeVerifyRequest(message));
}

/**
 * @param maxBytes of an Open by default; after it a session sends no message above `maxOfferBytes`
 * @throws AdaedlError `invalid_argument` naming the field
 */
export function decodeRequestBytes(bytes: Uint8Array, maxBytes = maxMessageBytes): VerifyRequest {
  if (bytes.length > maxBytes)
    throw invalidField("message", bytes.length, `must be at most ${maxBytes} bytes`);
  const wire = parsed(bytes, Verify.requestDeserialize);
  if (wire === undefined) throw invalidField("message", undefined, "must be a VerifyRequest");
  return decodeVerifyRequest(wire);
}

export function encodeResponseBytes(message: VerifyResponse): Buffer {
  return Verify.responseSerialize(encodeVerifyResponse(message));
}

/** @throws AdaedlError `internal` naming the field */
export function decodeResponseBytes(bytes: Uint8Array): VerifyResponse {
  const tooLarge = responseSizeError(bytes);
  if (tooLarge !== undefined) throw tooLarge;
  const wire = parsed(bytes, Verify.responseDeserialize);
  if (wire === undefined)
    throw new AdaedlError("internal", "from the verifier: message must be a VerifyResponse");
  return decodeVerifyResponse(wire);
}

/** The `internal` error of a response that is too large to be decoded; undefined for any other. */
export function responseSizeError({ length }: Uint8Array): AdaedlError | undefined {
  if (length <= maxResponseBytes) return undefined;
  const rule = `must be at most ${maxResponseBytes} bytes, got ${length}`;
  return new AdaedlError("internal", `from the verifier: message ${rule}`);
}

/** Undefined for bytes that are no such message; the library throws many kinds of errors for them. */
function parsed<Wire>(bytes: Uint8Array, deserialize: (bytes: Buffer) => Wire): Wire | undefined {
  try {
    return deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}
