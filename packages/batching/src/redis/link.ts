import type { Connection } from "./connect.ts";

/** Several connections that are of use only together. */
export interface Link {
  readonly isReady: boolean;
  /** Why one of them was lost last. */
  readonly lastError: string;
  /** Resolves when all are ready. */
  whenReady(): Promise<void>;
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
    get lastError() {
      return why;
    },
    whenReady: () =>
      isReady() ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve)),
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
