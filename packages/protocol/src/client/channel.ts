import { AdaedlError, throwIfAborted } from "@adaedl/core";
import {
  type CallOptions,
  Client,
  type ClientUnaryCall,
  type Metadata,
  type MethodDefinition,
  type ServiceError,
} from "@grpc/grpc-js";
import { type CallFacts, toMetadata } from "../call-facts.ts";
import { messageSizeError } from "../errors/message-size.ts";
import { fromServiceError } from "../errors/rich-status.ts";
import { createInbox } from "../inbox.ts";
import { keepalive, maxAnswerBytes, maxMessageBytes } from "../limits.ts";
import { readSecret } from "../security/bearer-tokens.ts";
import { channelCredentials, type TlsFiles } from "../security/tls-files.ts";
import { isProxyAllowed } from "./proxy.ts";

export interface ChannelOptions {
  /** HOST:PORT, or any target that gRPC understands (dns:///…). */
  readonly address: string;
  readonly tls?: TlsFiles | undefined;
  /** The bearer token to show. */
  readonly token?: string | undefined;
  /** A file that holds it instead. It is read for each call: rotate it as you like. */
  readonly tokenFile?: string | undefined;
  /** Ping after so long without a word, and give up after so long without an answer. */
  readonly keepalive?: { readonly timeMs: number; readonly timeoutMs: number } | undefined;
}

/** A connection to a server; it connects by itself when it is used. */
export interface Channel {
  readonly client: Client;
  /**
   * What goes along with each call.
   * @param about the call: what its logs and traces are to say
   * @throws AdaedlError `invalid_argument` for a token that cannot be read, or that no header can carry
   */
  metadata(about?: CallFacts): Metadata;
  /** The error a call over this channel failed with. */
  errorOf(error: ServiceError): AdaedlError;
  close(): void;
}

/** @throws AdaedlError `invalid_argument` for bad files */
export function openChannel(options: ChannelOptions): Channel {
  const { address, tls, tokenFile } = options;
  let token = tokenFile === undefined ? options.token : readSecret(tokenFile, "tokenFile");
  const tokenOf = () => {
    try {
      if (tokenFile !== undefined) token = readSecret(tokenFile, "tokenFile");
    } catch {
      // In the middle of a change: the last one still counts.
    }
    return token;
  };
  const tokenField = tokenFile === undefined ? "token" : "tokenFile";
  const { timeMs, timeoutMs } = options.keepalive ?? keepalive;
  const usesProxy = isProxyAllowed(address);
  const client = new Client(address, channelCredentials(tls), {
    "grpc.max_receive_message_length": maxAnswerBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.keepalive_time_ms": timeMs,
    "grpc.keepalive_timeout_ms": timeoutMs,
    // A stream cannot be tried again by the library; buffering it for that only leaks.
    "grpc.enable_retries": 0,
    // A name that has several addresses is all of them: calls take turns.
    "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    // A server that was restarted is found again soon.
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 2_000,
    "grpc.enable_http_proxy": usesProxy ? 1 : 0,
    // Each channel has connections of its own: closing one closes them.
    "grpc.use_local_subchannel_pool": 1,
  });
  return {
    client,
    metadata(about = {}) {
      const metadata = toMetadata(about);
      const token = tokenOf();
      if (token === undefined) return metadata;
      // The library's own error for what no header can carry repeats the token.
      if (!/^[\x21-\x7e]+$/.test(token))
        throw new AdaedlError(
          "invalid_argument",
          `${tokenField} must be printable ASCII without spaces`,
          { field: tokenField },
        );
      metadata.set("authorization", `Bearer ${token}`);
      return metadata;
    },
    errorOf: (error) => fromServiceError(error, usesProxy),
    close: () => client.close(),
  };
}

/**
 * One question, one answer.
 * @throws AdaedlError the server's; `deadline_exceeded` after `timeoutMs`; `cancelled` by the signal
 */
export function ask<Request, Response>(
  channel: Channel,
  method: MethodDefinition<Request, Response> | { path: string },
  request: Request,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Response> {
  throwIfAborted(signal);
  const { path, requestSerialize, responseDeserialize } = method as MethodDefinition<
    Request,
    Response
  >;
  return new Promise((resolve, reject) => {
    const options: CallOptions = { deadline: Date.now() + timeoutMs };
    const done = (error: ServiceError | null, response?: Response) => {
      signal?.removeEventListener("abort", onAbort);
      if (error !== null)
        reject(signal?.aborted ? AdaedlError.fromAbort(signal.reason) : channel.errorOf(error));
      else resolve(response as Response);
    };
    const call: ClientUnaryCall = channel.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      channel.metadata(),
      options,
      done,
    );
    const onAbort = () => call.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export interface AskOptions {
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The field that makes a request large, for the error of one that is too large; default: the request. */
  readonly largeField?: string;
}

/**
 * One question, any number of answers. Ending the iteration or aborting the signal cancels the call.
 * @throws AdaedlError the server's; `deadline_exceeded` after `timeoutMs`; `cancelled` by the signal;
 *   `out_of_range` for a request that no message can carry
 */
export async function* askForStream<Request, Response>(
  channel: Channel,
  method: MethodDefinition<Request, Response> | { path: string },
  request: Request,
  metadata: Metadata,
  { timeoutMs, signal, largeField = "request" }: AskOptions,
): AsyncGenerator<Response> {
  throwIfAborted(signal);
  const { path, requestSerialize, responseDeserialize } = method as MethodDefinition<
    Request,
    Response
  >;
  const call = channel.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
    metadata,
    timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
  );
  const inbox = createInbox<Response>(call, (error) => {
    if (signal?.aborted) return AdaedlError.fromAbort(signal.reason);
    return (
      messageSizeError(error as ServiceError, largeField) ?? channel.errorOf(error as ServiceError)
    );
  });
  // At once, whether or not the reader is waiting for an answer.
  const onAbort = () => call.cancel();
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    for (let answer = await inbox.next(); answer !== undefined; answer = await inbox.next())
      yield answer;
  } catch (error) {
    throw AdaedlError.from(error);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    call.cancel();
  }
}
