import { findFreePort } from "@adaedl/testing";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";

/** A verifier in a process of its own, on a port that stays the same when it is started again. */
export interface VerifierProcess {
  readonly port: number;
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** The exit code, when it has ended. */
  ended(): Promise<number | null>;
}

export async function createVerifierProcess(
  args: readonly string[] = [],
): Promise<VerifierProcess> {
  const port = await findFreePort();
  const listen = ["--listen", `127.0.0.1:${port}`, "--threads", "1"];
  let service: ServiceProcess | undefined;
  return {
    port,
    async start() {
      service = await startServiceProcess(["verifier", ...listen, ...args]);
    },
    signal: (name) => service?.signal(name),
    kill: async () => service?.kill(),
    ended: async () => service?.ended() ?? null,
  };
}
