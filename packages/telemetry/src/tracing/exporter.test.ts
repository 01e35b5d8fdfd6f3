import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { promisify } from "node:util";
import { type handleUnaryCall, Server, ServerCredentials } from "@grpc/grpc-js";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createExporter, isTracingAsked } from "./exporter.ts";
import { openTracing } from "./open-tracing.ts";

/** A request that was exported. */
interface Collected {
  readonly path: string;
  readonly team: string | undefined;
  readonly body: Buffer;
}

const closing: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const close of closing.splice(0)) close();
});

async function listenForHttp(collected: Collected[]): Promise<number> {
  const server = createServer(async (request, response) => {
    const { url: path = "", headers } = request;
    collected.push({ path, team: headers["x-team"]?.toString(), body: await buffer(request) });
    response.writeHead(200).end();
  }).listen(0, "127.0.0.1");
  closing.push(() => void server.close().closeAllConnections());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function listenForGrpc(collected: Collected[]): Promise<number> {
  const path = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
  const asItIs = (bytes: Buffer) => bytes;
  const server = new Server();
  const streams = { requestStream: false, responseStream: false } as const;
  const requests = { requestSerialize: asItIs, requestDeserialize: asItIs };
  const responses = { responseSerialize: asItIs, responseDeserialize: asItIs };
  const collect: handleUnaryCall<Buffer, Buffer> = ({ request: body, metadata }, reply) => {
    collected.push({ path, team: metadata.get("x-team")[0]?.toString(), body });
    reply(null, Buffer.alloc(0));
  };
  const service = { export: { path, ...streams, ...requests, ...responses } };
  server.addService(service, { export: collect });
  closing.push(() => server.forceShutdown());
  const listen = promisify(server.bindAsync.bind(server));
  return listen("127.0.0.1:0", ServerCredentials.createInsecure());
}

describe("spans are sent as the standard variables say", () => {
  const cases = [
    { protocol: "", listen: listenForHttp, path: "/v1/traces" },
    { protocol: "http/protobuf", listen: listenForHttp, path: "/v1/traces" },
    { protocol: "http/json", listen: listenForHttp, path: "/v1/traces" },
    { protocol: "grpc", listen: listenForGrpc, path: /TraceService\/Export$/ },
  ];
  test.each(cases)("over $protocol", async ({ protocol, listen, path }) => {
    const collected: Collected[] = [];
    const port = await listen(collected);
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${port}`);
    vi.stubEnv("OTEL_EXPORTER_OTLP_PROTOCOL", protocol);
    vi.stubEnv("http_proxy", "http://127.0.0.1:1"); // not for an address of this machine
    vi.stubEnv("no_grpc_proxy", "");
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-team=blue");
    const { tracer, close } = await openTracing("test");
    tracer.start("something that was done", { parent: undefined }).end();
    await close();
    expect(collected).toEqual([
      { path: expect.stringMatching(path), team: "blue", body: expect.any(Buffer) },
    ]);
    const text = collected[0]?.body.toString("latin1") ?? "";
    expect(text).toContain("something that was done");
    expect(text).toContain("adaedl-test");
    expect(text.startsWith("{")).toBe(protocol === "http/json");
  });
});

describe("what is not understood is an error that says what is", () => {
  test.each([
    [{ OTEL_TRACES_EXPORTER: "zipkin" }, 'must be otlp, console or none, got "zipkin"'],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "constructor" },
      'OTEL_EXPORTER_OTLP_PROTOCOL must be grpc, http/protobuf or http/json, got "constructor"',
    ],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "udp" },
      'OTEL_EXPORTER_OTLP_TRACES_PROTOCOL must be grpc, http/protobuf or http/json, got "udp"',
    ],
  ])("%o", async (env, message) => {
    await expect(createExporter(env)).rejects.toThrow(message);
  });
});

test("nothing is traced unless it is asked for", () => {
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4317" };
  expect(isTracingAsked({})).toBe(false);
  expect(isTracingAsked(endpoint)).toBe(true);
  expect(isTracingAsked({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector" })).toBe(true);
  expect(isTracingAsked({ OTEL_TRACES_EXPORTER: "console" })).toBe(true);
  expect(isTracingAsked({ ...endpoint, OTEL_TRACES_EXPORTER: "none" })).toBe(false);
  expect(isTracingAsked({ ...endpoint, OTEL_SDK_DISABLED: "true" })).toBe(false);
});
