import { type Server, status } from "@grpc/grpc-js";
import { Health } from "../definitions.ts";
import type { HealthHandlers } from "../gen/grpc/health/v1/Health.ts";

type ServingStatus = "SERVING" | "NOT_SERVING";

/**
 * Adds grpc.health.v1 to a server.
 * @param names the services; "" stands for all of them
 * @returns sets the status of all, which is NOT_SERVING to begin with
 */
export function addHealth(server: Server, names: readonly string[]): (isServing: boolean) => void {
  const known = new Set(["", ...names]);
  const watchers = new Set<Parameters<HealthHandlers["Watch"]>[0]>();
  let current: ServingStatus = "NOT_SERVING";
  const handlers: HealthHandlers = {
    Check({ request: { service } }, callback) {
      if (known.has(service)) return callback(null, { status: current });
      const details = `Health status unknown for service ${service}`;
      callback({ code: status.NOT_FOUND, details });
    },
    Watch(call) {
      if (!known.has(call.request.service)) return void call.write({ status: "SERVICE_UNKNOWN" });
      watchers.add(call);
      call.on("cancelled", () => watchers.delete(call));
      call.write({ status: current });
    },
    List(_, callback) {
      const statuses = [...known].map((name) => [name, { status: current }]);
      callback(null, { statuses: Object.fromEntries(statuses) });
    },
  };
  server.addService(Health.service, handlers as never);
  return (isServing) => {
    const next = isServing ? "SERVING" : "NOT_SERVING";
    if (next === current) return; // a watcher is sent changes only
    current = next;
    for (const call of watchers) call.write({ status: current });
  };
}
