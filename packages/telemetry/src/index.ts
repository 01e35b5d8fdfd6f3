export { createLogger, type Logger, type LogLevel } from "./logger.ts";
export type { GatewayRejectionReason, RejectionReason } from "./metrics/catalogue.ts";
export {
  createGatewayMetrics,
  type GatewayMetrics,
  type GatewayModelMetrics,
} from "./metrics/gateway-metrics.ts";
export type { MetricsSource } from "./metrics/instruments.ts";
export { type MetricsServer, openMetricsServer } from "./metrics/metrics-server.ts";
export {
  createVerifierMetrics,
  type StepObservation,
  type VerifierGauges,
  type VerifierMetrics,
} from "./metrics/verifier-metrics.ts";
