// Entry of the worker thread of one tokenizer.

import { parentPort, workerData } from "node:worker_threads";
import { AdaedlError } from "@adaedl/core";
import { loadTokenizer, type ModelTokenizer, writeChat } from "@adaedl/model";
import {
  type HostMessage,
  openingId,
  type TokenizerRequest,
  type TokenizerThreadOptions,
  type WorkerAnswer,
} from "../messages.ts";
import { toErrorMessage } from "./model-slots.ts";

const port = parentPort;
if (port === null) throw new Error("this module is the entry of a worker thread");
const answer = (message: WorkerAnswer) => port.postMessage(message);
const { directory, digest } = workerData as TokenizerThreadOptions;

try {
  const tokenizer = await loadTokenizer(directory);
  const { all } = tokenizer.digests;
  if (all !== digest)
    throw new AdaedlError("failed_precondition", `the tokenizer of ${directory} has changed`);
  serve(tokenizer);
  answer({ type: "opened" });
} catch (error) {
  answer({ type: "failed", id: openingId, error: toErrorMessage(error) });
  port.close(); // nothing keeps the thread alive then
}

function serve(tokenizer: ModelTokenizer): void {
  const running = new Map<number, AbortController>();
  port?.on("message", async (message: HostMessage<TokenizerRequest>) => {
    if ("cancelledId" in message) {
      running.get(message.cancelledId)?.abort();
      if (message.cancelledId === openingId) port?.close(); // crossed our answer on its way
      return;
    }
    const { id, request } = message;
    const ending = new AbortController();
    running.set(id, ending);
    try {
      answer({ type: "done", id, value: await handle(tokenizer, request, ending.signal) });
    } catch (error) {
      answer({ type: "failed", id, error: toErrorMessage(error) });
    }
    running.delete(id);
    if (request.type === "close") port?.close();
  });
}

async function handle(
  tokenizer: ModelTokenizer,
  request: TokenizerRequest,
  signal: AbortSignal,
): Promise<unknown> {
  switch (request.type) {
    case "encode":
      return tokenizer.encodeInTurns(request.text, { ...request.options, signal });
    case "writeChat":
      return writeChat(tokenizer, request.messages);
    case "close":
      return undefined;
  }
}
