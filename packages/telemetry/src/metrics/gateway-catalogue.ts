import { type Catalogue, counterBy, gauge, requestLife } from "./catalogue.ts";

/** Why a gateway turned a request away that was not wrong in itself. */
export const gatewayRejectionReasons = [
  "quota", // the caller's own limits
  "capacity", // as many requests as may run are running, or no draft service has room
  "draining", // the gateway shuts down
] as const;
export type GatewayRejectionReason = (typeof gatewayRejectionReasons)[number];

/** Everything a gateway tells. Counters and histograms have the label `model_name` besides. */
export const gatewayCatalogue = {
  num_requests_running: gauge("requests", "Choices that are being generated."),
  num_draft_services: gauge("draft services", "Draft services that serve."),
  rejected_requests_total: counterBy(
    "requests",
    "Requests that were turned away for want of room.",
    "reason",
    gatewayRejectionReasons,
  ),
  ...requestLife,
} as const satisfies Catalogue;
