import type { Command } from "commander";
import { addServeDraftCommand } from "./draft.ts";
import { addServeGatewayCommand } from "./gateway.ts";
import { addServeVerifierCommand } from "./verifier.ts";

/** Adds `adaedl serve`. */
export function addServeCommand(program: Command): void {
  const serve = program.command("serve").description("run one of the services");
  addServeVerifierCommand(serve);
  addServeDraftCommand(serve);
  addServeGatewayCommand(serve);
}
