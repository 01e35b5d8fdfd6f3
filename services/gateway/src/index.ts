export type { GatewayOptions } from "./options.ts";
export { type RunningGateway, startGateway } from "./start-gateway.ts";
