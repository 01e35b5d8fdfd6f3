import { promisify } from "node:util";
import {
  type handleUnaryCall,
  Server,
  ServerCredentials,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import type { TakeTraces, TraceListener } from "./trace-listener.ts";

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

/** OTLP over gRPC, on a free port. */
export async function listenForGrpc(take: TakeTraces): Promise<TraceListener> {
  const answer: handleUnaryCall<Buffer, Buffer> = ({ request }, reply) => {
    try {
      take(request);
      reply(null, Buffer.alloc(0)); // an answer without a field is an empty message
    } catch (error) {
      reply({ code: status.INVALID_ARGUMENT, details: String(error) });
    }
  };
  const server = new Server();
  server.addService(service, { export: answer });
  const listen = promisify(server.bindAsync.bind(server));
  const port = await listen("127.0.0.1:0", ServerCredentials.createInsecure());
  return { port, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}
