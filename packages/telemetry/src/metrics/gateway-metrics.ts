import { type GatewayRejectionReason, gatewayCatalogue } from "./catalogue.ts";
import { createInstruments, type MetricsSource, type Recorder } from "./instruments.ts";

/** A gateway at this moment. */
export interface GatewayGauges {
  /** Choices that are being generated. */
  readonly numRunning: number;
  /** Draft services that serve. */
  readonly numDraftServices: number;
}

/** Whose doing it was that a request that had been let in failed. */
export type GatewayFailureReason = "cancelled" | "request" | "service";

/** What a gateway tells of one model. Nothing here can fail or wait. */
export interface GatewayModelMetrics {
  rejected(reason: GatewayRejectionReason): void;
  failed(reason: GatewayFailureReason): void;
  firstToken(sinceRequestMs: number): void;
  nextToken(sinceLastMs: number): void;
  finished(choice: FinishedChoice): void;
}

/** A choice that came to its end. */
export interface FinishedChoice {
  readonly finishReason: "stop" | "length";
  readonly numPromptTokens: number;
  readonly sinceRequestMs: number;
}

/** What a gateway tells of itself. */
export interface GatewayMetrics extends MetricsSource {
  /** @param name of a model that is served; remembered, so never a name that a client made up */
  model(name: string): GatewayModelMetrics;
}

/** @param read asked once for each rendering, which fails when it throws */
export async function createGatewayMetrics(read: () => GatewayGauges): Promise<GatewayMetrics> {
  const instruments = await createInstruments(gatewayCatalogue, ["model_name"]);
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
      const model = modelMetrics(instruments.recorder({ model_name: name }));
      models.set(name, model);
      return model;
    },
  };
}

function modelMetrics({ count, observe }: Recorder<typeof gatewayCatalogue>): GatewayModelMetrics {
  const token = () => count("generation_tokens_total", undefined);
  return {
    rejected: (reason) => count("rejected_requests_total", reason),
    failed: (reason) => count("request_failure_total", reason),
    firstToken(sinceRequestMs) {
      token();
      observe("time_to_first_token_seconds", sinceRequestMs / 1000);
    },
    nextToken(sinceLastMs) {
      token();
      observe("inter_token_latency_seconds", sinceLastMs / 1000);
    },
    finished({ finishReason, numPromptTokens, sinceRequestMs }) {
      count("request_success_total", finishReason);
      count("prompt_tokens_total", undefined, numPromptTokens);
      observe("e2e_request_latency_seconds", sinceRequestMs / 1000);
    },
  };
}
