import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";

/** The command as it ships (`build.setup.ts` builds it): what follows are its arguments. */
const command = [
  process.execPath,
  fileURLToPath(new URL("../../packages/cli/bin/adaedl.js", import.meta.url)),
];

export interface CliResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly onFirstOutput?: (child: ChildProcess) => void;
  /** Told with each piece of output: all there is by then. */
  readonly onOutput?: (stdout: string, child: ChildProcess) => void;
}

/** A folder that is removed when the file's tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "adaedl-e2e-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs commands. @param cacheDirectory of built graphs; default: that of all tests */
export function createCli(cacheDirectory?: string) {
  const environment = (env: CliOptions["env"]) => {
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ADAEDL_ONCE: ____, ...inherited } = process.env;
    const own = cacheDirectory === undefined ? {} : { ADAEDL_CACHE_DIR: cacheDirectory };
    return { ...inherited, ...own, ...env };
  };
  const run = (program: string, args: readonly string[], options: CliOptions = {}) =>
    new Promise<CliResult>((resolve, reject) => {
      const child = spawn(program, args, { env: environment(options.env) });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text) => {
        if (stdout === "") options.onFirstOutput?.(child);
        stdout += text;
        options.onOutput?.(stdout, child);
      });
      child.stderr.setEncoding("utf8").on("data", (text) => {
        stderr += text;
      });
      child.once("error", reject);
      child.once("close", (exitCode) => resolve({ exitCode, stdout, stderr }));
      child.stdin.end(options.stdin ?? "");
    });
  const [node = "", ...entry] = command;
  return {
    /** `adaedl ...args` */
    adaedl: (args: readonly string[], options?: CliOptions) =>
      run(node, [...entry, ...args], options),
    /** A bash script in which "$@" is the command. */
    shell: (script: string, options?: CliOptions) =>
      run("bash", ["-c", script, "bash", ...command], options),
  };
}
