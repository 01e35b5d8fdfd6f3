import { AdaedlError } from "@adaedl/core";
import { Metadata, type ServiceError, type StatusObject, status } from "@grpc/grpc-js";
import { errorMessages } from "../definitions.ts";
import { errorCodeOf, grpcStatusOf } from "./status-codes.ts";

const detailsKey = "grpc-status-details-bin";
const domain = "adaedl";
const typePrefix = "type.googleapis.com/google.rpc.";

/** Header lists are limited; what cannot be told within is cut. */
const maxTextLength = 1000;

/** What a call ends with when it failed: the status, and rich details in its trailer. */
export function toStatus(thrown: unknown): StatusObject {
  const error = AdaedlError.from(thrown);
  const code = grpcStatusOf(error.code);
  const message = cut(error.message);
  const metadata = new Metadata();
  const rich = { code, message, details: detailsOf(error, message) };
  metadata.set(detailsKey, errorMessages().Status.serialize(rich) as Buffer);
  return { code, details: message, metadata };
}

/**
 * The error a call failed with, as the other side threw it.
 * @param usesProxy whether the connection may go through the proxy that `grpc_proxy` names
 */
export function fromServiceError(
  error: ServiceError | StatusObject,
  usesProxy = false,
): AdaedlError {
  const { code, metadata } = error;
  const info = infoOf(metadata);
  const details =
    info.reason === undefined ? plainDetails(error.details, usesProxy) : error.details;
  const isBroken = info.reason === undefined && isBrokenTransport(code, details);
  const errorCode = isBroken ? "unavailable" : errorCodeOf(code);
  return new AdaedlError(errorCode, details, {
    ...(info.field === undefined ? {} : { field: info.field }),
    ...(info.value === undefined ? {} : { value: info.value }),
    retryAfterMs: info.retryAfterMs,
    cause: error,
  });
}

/** How the library begins when it cannot connect, once for each of its nested load balancers. */
const notConnected = /^(?:\w+: )?(?:No connection established\. Last error: )+/;

/** The library's own message without what it repeats, leaves empty or fills with `undefined`. */
function plainDetails(details: string, usesProxy: boolean): string {
  if (!notConnected.test(details)) return details;
  const cause = details
    .replace(notConnected, "")
    .replace(/\.?\s*Resolution note:\s*(?=\.|$)/g, "")
    .replace(/^(?:undefined|null)\b/, "")
    .replace(/^\w*Error: /, "")
    .replace(/[.\s]+$/, "");
  const way = usesProxy ? " through the proxy of grpc_proxy" : "";
  return `No connection established${way}${cause === "" ? "" : `: ${cause}`}`;
}

/**
 * Whether a call failed on its way: the connection was refused, lost or silent. The other side sends a
 * reason (ErrorInfo) with every failure of its own, which concerns the one call.
 */
export function isConnectionFailure({ code, cause }: AdaedlError): boolean {
  if (code !== "unavailable" || !(cause instanceof Error) || !("metadata" in cause)) return false;
  return infoOf((cause as ServiceError).metadata).reason === undefined;
}

/**
 * What the library says of a transport that breaks off in the middle of a call, when nobody has said
 * why: INTERNAL, or CANCELLED when the connection was being closed as the call began.
 */
function isBrokenTransport(code: number, details: string): boolean {
  if (code === status.CANCELLED) return details === "Call cancelled"; // our own: "… on client"
  return code === status.INTERNAL && /RST_STREAM|http2|session/i.test(details);
}

function detailsOf(error: AdaedlError, message: string) {
  const { field, value, retryAfterMs } = error;
  const { BadRequest, ErrorInfo, RetryInfo } = errorMessages();
  const metadata: Record<string, string> = {};
  if (field !== undefined) metadata.field = field;
  if (value !== undefined) metadata.value = cut(String(value));
  const info = { reason: error.code.toUpperCase(), domain, metadata };
  const details = [any("ErrorInfo", ErrorInfo.serialize(info))];
  if (field !== undefined) {
    const fieldViolations = [{ field, description: message }];
    details.push(any("BadRequest", BadRequest.serialize({ fieldViolations })));
  }
  if (retryAfterMs !== undefined) {
    const seconds = Math.floor(retryAfterMs / 1000);
    const nanos = Math.round((retryAfterMs - seconds * 1000) * 1e6);
    details.push(any("RetryInfo", RetryInfo.serialize({ retryDelay: { seconds, nanos } })));
  }
  return details;
}

function any(type: string, value: Buffer) {
  return { type_url: `${typePrefix}${type}`, value };
}

interface Info {
  readonly reason?: string;
  readonly field?: string | undefined;
  readonly value?: string | undefined;
  readonly retryAfterMs?: number;
}

/** What the details say; nothing where there are none, or none that can be read. */
function infoOf(metadata: Metadata | undefined): Info {
  const [bytes] = metadata?.get(detailsKey) ?? [];
  if (!Buffer.isBuffer(bytes)) return {};
  const { ErrorInfo, RetryInfo, Status } = errorMessages();
  try {
    let info: Info = {};
    for (const detail of Status.deserialize(bytes).details) {
      if (detail === null || !("type_url" in detail)) continue;
      const { type_url: typeUrl, value } = detail;
      if (typeUrl === `${typePrefix}ErrorInfo`) {
        const { reason, metadata } = ErrorInfo.deserialize(value);
        info = { ...info, reason, field: metadata.field, value: metadata.value };
      } else if (typeUrl === `${typePrefix}RetryInfo`) {
        const { seconds = 0, nanos = 0 } = RetryInfo.deserialize(value).retryDelay ?? {};
        info = { ...info, retryAfterMs: Number(seconds) * 1000 + nanos / 1e6 };
      }
    }
    return info;
  } catch {
    return {}; // the status itself still counts
  }
}

/** Also replaces halves of surrogate pairs: as headers, the library throws on them. */
function cut(text: string): string {
  const short = text.length > maxTextLength ? `${text.slice(0, maxTextLength - 3)}...` : text;
  return Buffer.from(short).toString();
}
