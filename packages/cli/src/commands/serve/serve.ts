import type { Command } from "commander";
import { addServeAllCommand } from "./all.ts";
import { addServeDraftCommand } from "./draft.ts";
import { addServeGatewayCommand } from "./gateway.ts";
import { addServeVerifierCommand } from "./verifier.ts";

/** Adds `adaedl serve`. */
export function addServeCommand(program: Command): void {
  const serve = program
    .command("serve")
    .description("run one of the services, or all in one process");
  addServeAllCommand(serve);
  addServeVerifierCommand(serve);
  addServeDraftCommand(serve);
  addServeGatewayCommand(serve);
}
