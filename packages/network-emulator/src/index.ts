export { type NetworkEmulator, openNetworkEmulator } from "./open-network-emulator.ts";
