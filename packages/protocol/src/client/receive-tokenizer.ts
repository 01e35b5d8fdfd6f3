import { AdaedlError } from "@adaedl/core";
import type { MethodDefinition } from "@grpc/grpc-js";
import { maxTokenizerBundleBytes } from "../limits.ts";
import { askForStream, type Channel } from "./channel.ts";

type GetTokenizer = MethodDefinition<
  { readonly tokenizerDigest?: string },
  { readonly data: Buffer }
>;

/**
 * The compressed files of the target's tokenizer, from the chunks they come in.
 * @throws AdaedlError `out_of_range` when they are too large, and the verifier's
 */
export async function receiveTokenizer(
  channel: Channel,
  method: GetTokenizer,
  tokenizerDigest: string,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let numBytes = 0;
  const metadata = channel.metadata();
  const options = { timeoutMs, signal };
  for await (const { data } of askForStream(
    channel,
    method,
    { tokenizerDigest },
    metadata,
    options,
  )) {
    numBytes += data.length;
    if (numBytes > maxTokenizerBundleBytes)
      throw new AdaedlError(
        "out_of_range",
        `the verifier's tokenizer must be at most ${maxTokenizerBundleBytes} bytes, got more`,
        { field: "tokenizer" },
      );
    chunks.push(data);
  }
  return Buffer.concat(chunks);
}
