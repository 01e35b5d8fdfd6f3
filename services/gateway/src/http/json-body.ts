import type { IncomingMessage } from "node:http";
import { AdaedlError } from "@adaedl/core";
import type { FastifyInstance } from "fastify";
import { readBody } from "./read-body.ts";
import type { WaitingConnections } from "./waiting-connections.ts";

/** Far beyond what any field needs: parsing what is nested deeper, or has more parts, takes too long. */
const maxDepth = 32;
const maxParts = 32_768;
/** Smaller ones take a few milliseconds. */
const largeBytes = 64 << 10;
const maxWaiting = 32;

const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const [listStart, listEnd, objectStart, objectEnd] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Reads and parses JSON bodies, and takes no other ones. Bytes that are no UTF-8 are refused; the
 * framework's own parser replaces them, and so would change a prompt silently.
 */
export function addJsonParser(
  app: FastifyInstance,
  waiting: WaitingConnections,
  maxBytes: number,
): void {
  const inTurn = createTurns();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", async (_: unknown, payload: IncomingMessage) => {
    const bytes = await readBody(payload, waiting, maxBytes);
    waiting.remove(payload.socket);
    return bytes.length > largeBytes ? inTurn(() => parseJson(bytes)) : parseJson(bytes);
  });
}

/**
 * Has large bodies parsed one after another, with pauses thrice as long: however many come, they take a
 * quarter of the event loop's time, and small ones do not wait for them.
 * @throws AdaedlError `unavailable` with `retryAfterMs` when too many wait for their turn
 */
function createTurns(): <Result>(work: () => Result) => Promise<Result> {
  let last: Promise<unknown> = Promise.resolve();
  let numWaiting = 0;
  return async (work) => {
    if (numWaiting >= maxWaiting) {
      const message = `${numWaiting} large bodies wait to be read`;
      throw new AdaedlError("unavailable", message, { retryAfterMs: 1_000 });
    }
    numWaiting++;
    const before = last;
    let pass = (_?: unknown) => {};
    last = new Promise((resolve) => {
      pass = resolve;
    });
    await before;
    numWaiting--;
    const begun = performance.now();
    try {
      return work();
    } finally {
      setTimeout(pass, 3 * (performance.now() - begun));
    }
  };
}

/**
 * Costs at most about 50 ms per MiB, whatever the bytes.
 * @throws AdaedlError `invalid_argument` for what is not UTF-8 or JSON, or has too many parts
 */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) throw wrongBody("must be JSON, and is empty");
  checkShape(bytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw wrongBody("must be UTF-8", cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw wrongBody("must be JSON", cause);
  }
}

/** Counts lists, objects, and fields of objects before they are made. */
function checkShape(bytes: Uint8Array): void {
  let depth = 0;
  let numParts = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) at = endOfString(bytes, at);
    else if (byte === listEnd || byte === objectEnd) depth--;
    else if (byte === colon) numParts++;
    else if (byte === listStart || byte === objectStart) {
      depth++;
      numParts++;
    }
    if (depth > maxDepth) throw wrongBody(`must be nested at most ${maxDepth} deep`);
    if (numParts > maxParts)
      throw wrongBody(`must have at most ${maxParts} fields, lists and objects`);
  }
}

/** @param start of its opening quote @returns of its closing one, or past the end */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function wrongBody(rule: string, cause?: unknown): AdaedlError {
  return new AdaedlError("invalid_argument", `the body ${rule}`, { cause });
}
