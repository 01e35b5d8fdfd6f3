import { locateCommand } from "../locate-command.ts";

const commands = ["chromium", "chromium-browser", "google-chrome"];
const hint = "apt-get install chromium (Debian), or set ADAEDL_CHROMIUM";

/**
 * The Chromium that `ADAEDL_CHROMIUM` names, by path or command, else the one on the PATH. Where there
 * is none, says so in a warning, and returns undefined: tests in it are skipped.
 *
 * @throws Error when there is none and `ADAEDL_REQUIRE_BROWSER` is "1", or not the one that is named
 */
export async function findChromium(): Promise<string | undefined> {
  const given = process.env.ADAEDL_CHROMIUM;
  if (given !== undefined && given !== "") {
    const path = await locateCommand(given);
    if (path === undefined) throw new Error(`ADAEDL_CHROMIUM names no program: ${given}`);
    return path;
  }
  for (const command of commands) {
    const path = await locateCommand(command);
    if (path !== undefined) return path;
  }
  const problem = `no Chromium on the PATH: ${hint}`;
  if (process.env.ADAEDL_REQUIRE_BROWSER === "1")
    throw new Error(`ADAEDL_REQUIRE_BROWSER is set, but there is ${problem}`);
  console.warn(`SKIPPED: tests in a browser; there is ${problem}`);
  return undefined;
}
