import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How one streaming request went. */
export interface StreamOutcome {
  /** Of HTTP; 0 when there was no answer. */
  readonly status: number;
  /** From the start of the request to its first event, or to the end of a refusal; milliseconds. */
  readonly firstMs: number;
  readonly totalMs: number;
  /** Output tokens, as the last event of a complete stream tells; 0 otherwise. */
  readonly numTokens: number;
  readonly isComplete: boolean;
  /** What a refusal says. */
  readonly refusal?: string;
}

export interface StreamRequest {
  /** Of `POST /v1/completions`, without `stream`. */
  readonly body: object;
  /** By `performance.now()`: when it should have been sent, where that is not now. */
  readonly startedAt?: number;
  readonly signal?: AbortSignal;
  onFirst?(): void;
}

/** A client that costs little: connections are kept, and events are looked at only at a stream's end. */
export interface StreamClient {
  /** Never rejects: what goes wrong is an outcome. */
  stream(request: StreamRequest): Promise<StreamOutcome>;
  /** Resolves once the gateway has found its draft service. */
  whenServing(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** Characters of the last events that are kept: the end of a choice, and `[DONE]`. */
const tailLength = 4_096;

/** @param address HOST:PORT of a gateway */
export function openStreamClient(address: string): StreamClient {
  const { hostname, port } = new URL(`http://${address}`);
  const agent = new Agent({ keepAlive: true });
  return {
    stream: ({ body, startedAt = performance.now(), signal, onFirst = () => {} }) =>
      new Promise((resolve) => {
        const since = () => performance.now() - startedAt;
        let hasAnswer = false;
        const fail = () => {
          if (hasAnswer) return; // its own end tells what it was
          resolve({ status: 0, firstMs: 0, totalMs: since(), numTokens: 0, isComplete: false });
        };
        const text = JSON.stringify({ ...body, stream: true });
        const headers = {
          "content-type": "application/json",
          "content-length": Buffer.byteLength(text),
        };
        const path = "/v1/completions";
        const options = { agent, hostname, port, path, method: "POST", headers, signal };
        const sent = request(options, (response) => {
          hasAnswer = true;
          let firstMs: number | undefined;
          let tail = "";
          const end = () => {
            const totalMs = since();
            resolve({ ...outcomeOf(response, tail), firstMs: firstMs ?? totalMs, totalMs });
          };
          response.setEncoding("utf8").on("data", (chunk: string) => {
            tail = (tail + chunk).slice(-tailLength);
            if (firstMs !== undefined || response.statusCode !== 200) return;
            firstMs = since();
            onFirst();
          });
          response.once("close", end);
          response.on("error", () => {}); // it is closed next
        });
        sent.on("error", fail);
        sent.end(text);
      }),
    async whenServing(signal) {
      while (!(await fetch(`http://${address}/health`, { signal })).ok)
        await sleep(50, undefined, { signal });
    },
    close: () => agent.destroy(),
  };
}

function outcomeOf({ statusCode = 0, complete }: IncomingMessage, tail: string) {
  const isWhole = complete && (statusCode !== 200 || tail.endsWith("data: [DONE]\n\n"));
  const numTokens = Number(/"predicted_n":(\d+)/.exec(tail)?.[1] ?? 0);
  const isComplete = isWhole && (statusCode !== 200 || numTokens > 0);
  const refusal = statusCode === 200 ? {} : { refusal: tail };
  return { status: statusCode, numTokens, isComplete, ...refusal };
}
