import { type GatewayRejectionReason, gatewayCatalogue } from "./catalogue.ts";
import { createInstruments, type MetricsSource } from "./instruments.ts";
import { type RequestMetrics, requestMetrics } from "./request-metrics.ts";

/** A gateway at this moment. */
export interface GatewayGauges {
  /** Choices that are being generated. */
  readonly numRunning: number;
  /** Draft services that serve. */
  readonly numDraftServices: number;
}

/** What a gateway tells of one model. Nothing here can fail or wait. */
export interface GatewayModelMetrics extends RequestMetrics {
  rejected(reason: GatewayRejectionReason): void;
}

/** What a gateway tells of itself. */
export interface GatewayMetrics extends MetricsSource {
  /** @param name of a model that is served; remembered, so never a name that a client made up */
  model(name: string): GatewayModelMetrics;
}

/** @param read asked once for each rendering, which fails when it throws */
export async function createGatewayMetrics(read: () => GatewayGauges): Promise<GatewayMetrics> {
  const instruments = await createInstruments(gatewayCatalogue);
  const models = new Map<string, GatewayModelMetrics>();
  return {
    contentType: instruments.contentType,
    render() {
      const { numRunning, numDraftServices } = read();
      return instruments.render(
        { num_requests_running: numRunning, num_draft_services: numDraftServices },
        {},
      );
    },
    model(name) {
      const known = models.get(name);
      if (known !== undefined) return known;
      const recorder = instruments.recorder({ model_name: name });
      const model: GatewayModelMetrics = {
        ...requestMetrics(recorder),
        rejected: (reason) => recorder.count("rejected_requests_total", reason),
      };
      models.set(name, model);
      return model;
    },
  };
}
