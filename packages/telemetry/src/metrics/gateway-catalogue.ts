import { type Catalogue, requestLife } from "./catalogue.ts";

/** Why a gateway turned a request away that was not wrong in itself. */
export const gatewayRejectionReasons = [
  "quota", // the caller's own limits
  "capacity", // as many requests as may run are running, or no draft service has room
  "draining", // the gateway shuts down
] as const;
export type GatewayRejectionReason = (typeof gatewayRejectionReasons)[number];

/** Everything a gateway tells. Counters and histograms have the label `model_name` besides. */
export const gatewayCatalogue = {
  num_requests_running: {
    type: "gauge",
    unit: "requests",
    help: "Choices that are being generated.",
  },
  num_draft_services: {
    type: "gauge",
    unit: "draft services",
    help: "Draft services that serve.",
  },
  rejected_requests_total: {
    type: "counter",
    unit: "requests",
    help: "Requests that were turned away for want of room.",
    label: { name: "reason", values: gatewayRejectionReasons },
  },
  ...requestLife,
} as const satisfies Catalogue;
