import { once } from "node:events";
import { Agent, type IncomingMessage, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { AdaedlError } from "@adaedl/core";

/** A client that costs little: connections are kept, and events are looked at only at a stream's end. */
export interface StreamClient {
  /**
   * @param body of `POST /v1/completions`, without `stream`
   * @returns output tokens
   * @throws AdaedlError `unavailable` when the stream is refused or ends early; what the connection throws
   */
  stream(body: object, signal: AbortSignal): Promise<number>;
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
    async stream(body, signal) {
      const text = JSON.stringify({ ...body, stream: true });
      const headers = {
        "content-type": "application/json",
        "content-length": Buffer.byteLength(text),
      };
      const path = "/v1/completions";
      const sent = request({ agent, hostname, port, path, method: "POST", headers, signal });
      sent.on("error", () => {}); // once there is an answer, reading that tells
      const answering = once(sent, "response");
      sent.end(text);
      const [response] = (await answering) as [IncomingMessage];
      let tail = "";
      for await (const chunk of response.setEncoding("utf8"))
        tail = (tail + chunk).slice(-tailLength);
      const numTokens = Number(/"predicted_n":(\d+)/.exec(tail)?.[1] ?? 0);
      if (response.statusCode !== 200 || numTokens === 0 || !tail.endsWith("data: [DONE]\n\n"))
        throw new AdaedlError(
          "unavailable",
          `a stream must end with [DONE], got status ${response.statusCode}: ${tail}`,
        );
      return numTokens;
    },
    async whenServing(signal) {
      while (!(await fetch(`http://${address}/health`, { signal })).ok)
        await sleep(50, undefined, { signal });
    },
    close: () => agent.destroy(),
  };
}
