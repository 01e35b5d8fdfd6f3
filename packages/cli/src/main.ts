import { reportFailure } from "./fail.ts";
import { createInterruption } from "./interruption.ts";
import { createProgram } from "./program.ts";

const interruption = createInterruption();
const program = createProgram(interruption.watch);

try {
  await program.parseAsync();
} catch (error) {
  if (!interruption.isInterrupted)
    process.exitCode = reportFailure(error, program.opts().verbose === true);
}
