import { spawn } from "node:child_process";
import { unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { resolve } from "node:path";
import { expect, test, vi } from "vitest";
import type { TestModule } from "vitest/node";
import { DeadWorkerReporter } from "./dead-worker-reporter.ts";

/** Runs this code in a process whose arguments are those of a test worker. */
async function runWorker(code: string): Promise<number | undefined> {
  const entry = resolve("node_modules/vitest/dist/workers/forks.js");
  const child = spawn(process.execPath, ["--eval", code, entry]);
  await once(child, "exit");
  return child.pid;
}

test("reports how a worker ended and which files ran, and no worker that was stopped", async () => {
  const error = vi.spyOn(console, "error").mockReturnValue();
  const reporter = new DeadWorkerReporter();
  reporter.onInit();
  try {
    for (const name of ["ended", "running"])
      reporter.onTestModuleQueued({ moduleId: resolve(name) } as TestModule);
    reporter.onTestModuleEnd({ moduleId: resolve("ended") } as TestModule);
    const pids = [
      await runWorker("process.kill(process.pid, 'SIGKILL')"),
      await runWorker("process.exit(3)"),
    ];
    await runWorker("process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 10_000)");
    await runWorker("");
    expect(error.mock.calls.flat()).toEqual([
      `test worker ${pids[0]} ended with SIGKILL; files that ran in all workers: running`,
      `test worker ${pids[1]} ended with exit code 3; files that ran in all workers: running`,
    ]);
  } finally {
    unsubscribe("child_process", reporter.onSpawn);
    error.mockRestore();
  }
});
