import type { Command } from "commander";
import { addBenchCandidatesCommand } from "./candidates.ts";
import { addBenchForwardsCommand } from "./forwards.ts";
import { addBenchLoadCommand } from "./load.ts";
import { addBenchPoliciesCommand } from "./policies.ts";
import { addBenchServicesCommand } from "./services.ts";
import { addBenchTelemetryCommand } from "./telemetry.ts";
import { addBenchWeightsCommand } from "./weights.ts";

/** Adds `adaedl bench`. */
export function addBenchCommand(program: Command, watch: () => AbortSignal): void {
  const bench = program.command("bench").description("compare policies, and measure the services");
  addBenchPoliciesCommand(bench, watch);
  addBenchCandidatesCommand(bench, watch);
  addBenchLoadCommand(bench, watch);
  addBenchServicesCommand(bench, watch);
  addBenchTelemetryCommand(bench, watch);
  addBenchWeightsCommand(bench, watch);
  addBenchForwardsCommand(bench, watch);
}
