import type { Command } from "commander";
import { addBenchGatewayCommand } from "./gateway.ts";
import { addBenchPoliciesCommand } from "./policies.ts";
import { addBenchQueueCommand } from "./queue.ts";
import { addBenchServicesCommand } from "./services.ts";
import { addBenchTelemetryCommand } from "./telemetry.ts";
import { addBenchTenantsCommand } from "./tenants.ts";

/** Adds `adaedl bench`. */
export function addBenchCommand(program: Command, watch: () => AbortSignal): void {
  const bench = program
    .command("bench")
    .description("compare stopping policies, and measure the services");
  addBenchPoliciesCommand(bench, watch);
  addBenchServicesCommand(bench, watch);
  addBenchQueueCommand(bench, watch);
  addBenchTenantsCommand(bench, watch);
  addBenchGatewayCommand(bench, watch);
  addBenchTelemetryCommand(bench, watch);
}
