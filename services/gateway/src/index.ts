export { conformanceTable } from "./openai/conformance.ts";
export { type Endpoint, endpoints } from "./openai/endpoints.ts";
export type { GatewayOptions } from "./options.ts";
export { type RunningGateway, startGateway } from "./start-gateway.ts";
