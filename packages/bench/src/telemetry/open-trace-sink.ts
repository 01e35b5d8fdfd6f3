import { promisify } from "node:util";
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import { countSpans } from "./count-spans.ts";

/** Takes traces over OTLP by gRPC, counts them, and forgets them. */
export interface TraceSink extends AsyncDisposable {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** So far. */
  readonly counts: { readonly numRequests: number; readonly numSpans: number };
}

const asItIs = (message: Buffer) => message;

/** The one call of OTLP's service for traces, with its messages as bytes: who counts spans needs no more. */
const service: ServiceDefinition = {
  export: {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: asItIs,
    requestDeserialize: asItIs,
    responseSerialize: asItIs,
    responseDeserialize: asItIs,
  },
};

/** Listens on a free port of this machine. */
export async function openTraceSink(): Promise<TraceSink> {
  const counts = { numRequests: 0, numSpans: 0 };
  const answer: handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
    try {
      counts.numRequests++;
      counts.numSpans += countSpans(request);
      reply(null, Buffer.alloc(0)); // an answer without a field is an empty message
    } catch (error) {
      reply({ code: status.INVALID_ARGUMENT, details: String(error) });
    }
  };
  const server = new Server();
  server.addService(service, { export: answer });
  const listen = promisify(server.bindAsync.bind(server));
  const port = await listen("127.0.0.1:0", ServerCredentials.createInsecure());
  return {
    url: `http://127.0.0.1:${port}`,
    counts,
    [Symbol.asyncDispose]: async () => server.forceShutdown(),
  };
}
