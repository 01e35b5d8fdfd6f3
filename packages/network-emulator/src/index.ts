export type { NetworkEmulator } from "./network-emulator.ts";
export { openNetworkEmulator } from "./open-network-emulator.ts";
export type { Endpoint, NetworkEmulatorOptions } from "./options.ts";
