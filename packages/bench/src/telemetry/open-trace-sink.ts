import { countSpans } from "./count-spans.ts";
import { listenForGrpc } from "./listen-for-grpc.ts";
import { listenForHttp } from "./listen-for-http.ts";
import type { TakeTraces } from "./trace-listener.ts";

/** The protocols of OTLP that it understands, by OpenTelemetry's names. */
export type TraceProtocol = "grpc" | "http/protobuf";

/** Takes traces over OTLP, counts them, and forgets them. */
export interface TraceSink extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** For `OTEL_EXPORTER_OTLP_PROTOCOL`. */
  readonly protocol: TraceProtocol;
  readonly numRequests: number;
  readonly numSpans: number;
  readonly numBytes: number;
}

/** Listens on a free port of this machine. */
export async function openTraceSink(protocol: TraceProtocol): Promise<TraceSink> {
  const counts = { numRequests: 0, numSpans: 0, numBytes: 0 };
  const take: TakeTraces = (message) => {
    counts.numRequests++;
    counts.numBytes += message.length;
    counts.numSpans += countSpans(message);
  };
  const listen = protocol === "grpc" ? listenForGrpc : listenForHttp;
  const listener = await listen(take);
  return {
    url: `http://127.0.0.1:${listener.port}`,
    protocol,
    get numRequests() {
      return counts.numRequests;
    },
    get numSpans() {
      return counts.numSpans;
    },
    get numBytes() {
      return counts.numBytes;
    },
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
