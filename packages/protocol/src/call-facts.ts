import { Metadata } from "@grpc/grpc-js";

/** What a client says about a call besides its messages; for logs and traces, and nothing else. */
export interface CallFacts {
  /** W3C context of the trace the call belongs to. */
  readonly traceparent?: string | undefined;
  /** Names the request in logs: 1 to 64 letters, digits, - and _. */
  readonly requestId?: string | undefined;
}

const keys = { traceparent: "traceparent", requestId: "x-request-id" } as const;

export function toMetadata({ traceparent, requestId }: CallFacts): Metadata {
  const metadata = new Metadata();
  if (traceparent !== undefined) metadata.set(keys.traceparent, traceparent);
  if (requestId !== undefined) metadata.set(keys.requestId, requestId);
  return metadata;
}

/** What is malformed is as if it had not been sent: nothing about logs and traces fails a call. */
export function factsOf(metadata: Metadata): CallFacts {
  return {
    traceparent: parseTraceparent(metadata.get(keys.traceparent)[0]),
    requestId: parseRequestId(metadata.get(keys.requestId)[0]),
  };
}

/** @returns undefined for what is no W3C trace context */
export function parseTraceparent(text: unknown): string | undefined {
  return matching(text, /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/);
}

/** @returns undefined for what no log line and no session should be named by */
export function parseRequestId(text: unknown): string | undefined {
  return matching(text, /^[\w-]{1,64}$/);
}

function matching(text: unknown, form: RegExp): string | undefined {
  return typeof text === "string" && form.test(text) ? text : undefined;
}
