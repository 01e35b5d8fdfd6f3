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
  const protocol =
    env.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL || env.OTEL_EXPORTER_OTLP_PROTOCOL || "http/protobuf";
  if (protocol === "http/protobuf") {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
    return new OTLPTraceExporter();
  }
  if (protocol === "http/json") {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
    return new OTLPTraceExporter();
  }
  throw new Error(
    `OTEL_EXPORTER_OTLP_PROTOCOL must be http/protobuf or http/json, got "${protocol}"`,
  );
}
