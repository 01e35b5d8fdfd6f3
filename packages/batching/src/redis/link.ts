import { AdaedlError } from "@adaedl/core";
import type { Connection } from "./connect.ts";

/** Several connections that are of use only together. */
export interface Link {
  readonly isReady: boolean;
  /** Resolves when all are ready. @throws AdaedlError what the signal was aborted with */
  ready(signal?: AbortSignal): Promise<void>;
  /** Ends one of them: politely, if Redis answers soon. */
  end(connection: Connection): Promise<void>;
}

const goodbyeMs = 200;

/** @param onLost told each time one of them is lost, and why */
export function createLink(
  connections: readonly Connection[],
  onLost: (why: string) => void,
): Link {
  let why = "the connection was lost";
  let waiting: (() => void)[] = [];
  const isReady = () => connections.every(({ status }) => status === "ready");
  for (const connection of connections) {
    connection.on("error", (error: Error) => {
      why = error.message;
    });
    connection.on("close", () => onLost(why));
    connection.on("ready", () => {
      if (!isReady()) return;
      for (const resolve of waiting) resolve();
      waiting = [];
    });
  }
  return {
    get isReady() {
      return isReady();
    },
    async ready(signal) {
      if (isReady()) return;
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => {
          waiting = waiting.filter((other) => other !== resolve);
          const { code } = AdaedlError.fromAbort(signal?.reason);
          reject(new AdaedlError(code, `Redis cannot be reached: ${why}`));
        };
        if (signal?.aborted) onAbort();
        signal?.addEventListener("abort", onAbort, { once: true });
        waiting.push(resolve);
      });
    },
    async end(connection) {
      const late = new Promise<void>((resolve) => setTimeout(resolve, goodbyeMs).unref());
      const goodbye = connection.quit().then(
        () => {},
        () => {}, // it is gone already
      );
      await Promise.race([goodbye, late]);
      connection.disconnect();
    },
  };
}
