import {
  type gatewayCatalogue,
  type Metrics,
  type RequestMetrics,
  requestMetrics,
} from "@adaedl/telemetry";

/** What is counted of one model. */
export type ModelMetrics = RequestMetrics<typeof gatewayCatalogue>;

/** @returns the metrics of a model that is served: remembered, so never for a name that a client made up */
export function perModel(
  metrics: Metrics<typeof gatewayCatalogue>,
): (modelName: string) => ModelMetrics {
  const models = new Map<string, ModelMetrics>();
  return (modelName) => {
    const known = models.get(modelName);
    if (known !== undefined) return known;
    const model = requestMetrics(metrics.recorder({ model_name: modelName }));
    models.set(modelName, model);
    return model;
  };
}
