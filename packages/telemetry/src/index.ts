export { logLibraryOutput } from "./library-output.ts";
export { createLogger, type Logger, type LogLevel } from "./logger.ts";
export {
  type Catalogue,
  catalogues,
  type GatewayRejectionReason,
  type MetricDefinition,
  metricPrefix,
  type RejectionReason,
  type ReprefillReason,
  reprefillReasons,
} from "./metrics/catalogue.ts";
export {
  createDraftMetrics,
  type DraftMetrics,
  type DraftStopReason,
  type RoundObservation,
} from "./metrics/draft-metrics.ts";
export {
  createGatewayMetrics,
  type GatewayMetrics,
  type GatewayModelMetrics,
} from "./metrics/gateway-metrics.ts";
export type { MetricsSource } from "./metrics/instruments.ts";
export { type MetricsServer, openMetricsServer } from "./metrics/metrics-server.ts";
export { failureReasonOf } from "./metrics/request-metrics.ts";
export {
  createVerifierMetrics,
  type StepObservation,
  type VerifierGauges,
  type VerifierMetrics,
} from "./metrics/verifier-metrics.ts";
export { openTracing, type Tracing } from "./tracing/open-tracing.ts";
export { isRoundTraced } from "./tracing/traced-rounds.ts";
export {
  noTracer,
  type Span,
  type SpanAttributes,
  type SpanError,
  type Tracer,
} from "./tracing/tracer.ts";
