import type { ChildProcess } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { relative } from "node:path";
import type { Reporter, TestModule } from "vitest/node";

/** Vitest ends its workers with this signal itself. */
const usualSignal = "SIGTERM";

/**
 * Reports how a worker process ended unexpectedly, and which files the workers were running: Vitest reports
 * "Worker exited unexpectedly" and no more.
 */
export class DeadWorkerReporter implements Reporter {
  readonly #running = new Set<string>();

  onInit(): void {
    subscribe("child_process", this.onSpawn);
  }

  /** Receives each process that is about to be spawned. */
  readonly onSpawn = (message: unknown): void => {
    const { process: child } = message as { readonly process: ChildProcess };
    child.once("exit", (code, signal) => this.#reportExit(child, code, signal));
  };

  onTestModuleQueued({ moduleId }: TestModule): void {
    this.#running.add(relative(process.cwd(), moduleId));
  }

  onTestModuleEnd({ moduleId }: TestModule): void {
    this.#running.delete(relative(process.cwd(), moduleId));
  }

  #reportExit(child: ChildProcess, code: number | null, signal: NodeJS.Signals | null): void {
    const isWorker = child.spawnargs.some((arg) =>
      /[\\/]vitest[\\/]dist[\\/]workers[\\/]/.test(arg),
    );
    if (!isWorker || code === 0 || signal === usualSignal) return;
    const files = [...this.#running].join(", ") || "none";
    console.error(
      `test worker ${child.pid} ended with ${signal ?? `exit code ${code}`}; files that ran in all workers: ${files}`,
    );
  }
}
