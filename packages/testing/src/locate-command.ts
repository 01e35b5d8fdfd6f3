import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The path of a command, if it is on the PATH. */
export async function locateCommand(command: string): Promise<string | undefined> {
  // As an argument: a name from outside is not a part of the script.
  const search = run("sh", ["-c", 'command -v "$1"', "sh", command]);
  return search.then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
}
