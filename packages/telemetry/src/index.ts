export { createLogger, type Logger, type LogLevel } from "./logger.ts";
export type { RejectionReason } from "./metrics/catalogue.ts";
export type { MetricsSource } from "./metrics/instruments.ts";
export { type MetricsServer, openMetricsServer } from "./metrics/metrics-server.ts";
export {
  createVerifierMetrics,
  type StepObservation,
  type VerifierGauges,
  type VerifierMetrics,
} from "./metrics/verifier-metrics.ts";
