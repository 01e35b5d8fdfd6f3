export { logLibraryOutput } from "./library-output.ts";
export { createLogger, type Logger, type LogLevel } from "./logger.ts";
export { type Catalogue, type MetricDefinition, metricPrefix } from "./metrics/catalogue.ts";
export { catalogues } from "./metrics/catalogues.ts";
export {
  draftCatalogue,
  type ReprefillReason,
  reprefillReasons,
} from "./metrics/draft-catalogue.ts";
export { joinMetrics, type MetricsSource, type ServiceMetrics } from "./metrics/exposition.ts";
export { gatewayCatalogue } from "./metrics/gateway-catalogue.ts";
export {
  createMetrics,
  type Metrics,
  type ReadValues,
  type Recorder,
} from "./metrics/instruments.ts";
export { type MetricsServer, openMetricsServer } from "./metrics/metrics-server.ts";
export { readProcessMemory } from "./metrics/process-memory.ts";
export { failureReasonOf, type RequestMetrics, requestMetrics } from "./metrics/request-metrics.ts";
export { type RejectionReason, verifierCatalogue } from "./metrics/verifier-catalogue.ts";
export { openTracing, type Tracing } from "./tracing/open-tracing.ts";
export { isStepTraced } from "./tracing/traced-steps.ts";
export {
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanError,
  type Tracer,
} from "./tracing/tracer.ts";
