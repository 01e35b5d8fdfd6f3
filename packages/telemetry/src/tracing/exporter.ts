import type { SpanExporter } from "@opentelemetry/sdk-trace-base";

/** Whether the standard variables ask for traces: by an exporter's name, or by where to send them. */
export function isTracingAsked(env: NodeJS.ProcessEnv): boolean {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === "true") return false;
  const { OTEL_TRACES_EXPORTER: exporter } = env;
  if (exporter) return exporter !== "none";
  return Boolean(env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);
}

/**
 * The exporter that `OTEL_TRACES_EXPORTER` names (default otlp), speaking what
 * `OTEL_EXPORTER_OTLP_PROTOCOL` says (default http/protobuf). Where to, it reads by itself.
 * @throws Error naming the variable, its value and the rule
 */
export async function createExporter(env: NodeJS.ProcessEnv): Promise<SpanExporter> {
  const exporter = env.OTEL_TRACES_EXPORTER || "otlp";
  if (exporter === "console") {
    const { ConsoleSpanExporter } = await import("@opentelemetry/sdk-trace-base");
    return new ConsoleSpanExporter();
  }
  if (exporter !== "otlp")
    throw new Error(`OTEL_TRACES_EXPORTER must be otlp, console or none, got "${exporter}"`);
  const variable = env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
    ? "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"
    : "OTEL_EXPORTER_OTLP_PROTOCOL";
  const protocol = env[variable] || "http/protobuf";
  const load = otlpExporters.get(protocol);
  if (load === undefined)
    throw new Error(`${variable} must be grpc, http/protobuf or http/json, got "${protocol}"`);
  if (protocol === "grpc") keepLoopbackDirect(env);
  const { OTLPTraceExporter } = await load();
  return new OTLPTraceExporter();
}

/** By their protocols; only what is asked for is loaded. */
const otlpExporters = new Map<string, () => Promise<{ OTLPTraceExporter: new () => SpanExporter }>>(
  [
    ["grpc", () => import("@opentelemetry/exporter-trace-otlp-grpc")],
    ["http/protobuf", () => import("@opentelemetry/exporter-trace-otlp-proto")],
    ["http/json", () => import("@opentelemetry/exporter-trace-otlp-http")],
  ],
);

/**
 * A collector on this machine is not reached through a proxy. grpc-js, whose channel the exporter opens
 * by itself, would ask `http_proxy` even for 127.0.0.1; this list is what it leaves out.
 */
function keepLoopbackDirect(env: NodeJS.ProcessEnv): void {
  const others = env.no_grpc_proxy || env.no_proxy;
  env.no_grpc_proxy = [...(others ? [others] : []), "localhost", "127.0.0.0/8", "::1"].join();
}
