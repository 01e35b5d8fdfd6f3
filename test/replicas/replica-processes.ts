import { randomUUID } from "node:crypto";
import { findFreePort } from "@adaedl/testing";
import { type ServiceProcess, startServiceProcess } from "../network/service-process.ts";

/** One ingress or worker, in a process of its own, that can be started again. */
export interface ReplicaProcess {
  readonly address: string;
  /** Log lines since it was started last. */
  readonly lines: readonly string[];
  start(): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** SIGKILL, and gone. */
  kill(): Promise<void>;
  /** The exit code, when it has ended. */
  ended(): Promise<number | null>;
}

/** Ingresses and workers that meet in Redis. */
export interface ReplicaProcesses extends AsyncDisposable {
  readonly ingresses: readonly ReplicaProcess[];
  readonly workers: readonly ReplicaProcess[];
}

export interface ReplicaOptions {
  readonly redisUrl: string;
  readonly numIngresses: number;
  readonly numWorkers: number;
  readonly args?: readonly string[];
}

/** Starts them all; ends them all, however it goes. */
export async function startReplicaProcesses(options: ReplicaOptions): Promise<ReplicaProcesses> {
  const { redisUrl, numIngresses, numWorkers, args = [] } = options;
  const namespace = randomUUID();
  const common = ["--redis-url", redisUrl, "--redis-namespace", namespace, ...args];
  const create = async (role: string): Promise<ReplicaProcess> => {
    const address = `127.0.0.1:${await findFreePort()}`;
    return replica(address, ["--role", role, "--listen", address, "--threads", "1", ...common]);
  };
  const ofRole = (role: string, count: number) =>
    Promise.all(Array.from({ length: count }, () => create(role)));
  const ingresses = await ofRole("ingress", numIngresses);
  const workers = await ofRole("worker", numWorkers);
  const all = [...ingresses, ...workers];
  const end = async () => {
    await Promise.all(all.map((each) => each.kill()));
  };
  try {
    await Promise.all(all.map((each) => each.start()));
  } catch (error) {
    await end();
    throw error;
  }
  return { ingresses, workers, [Symbol.asyncDispose]: end };
}

function replica(address: string, args: readonly string[]): ReplicaProcess {
  let service: ServiceProcess | undefined;
  return {
    address,
    get lines() {
      return service?.lines ?? [];
    },
    async start() {
      service = await startServiceProcess(["verifier", ...args]);
    },
    signal: (name) => service?.signal(name),
    kill: async () => service?.kill(),
    ended: async () => service?.ended() ?? null,
  };
}
