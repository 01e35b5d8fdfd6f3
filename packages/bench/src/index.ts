export {
  benchmarkQueue,
  type QueueBenchmark,
  type QueueResult,
  type QueueTimes,
} from "./queue/benchmark-queue.ts";
export { benchmarkServices, type ServicesBenchmark, type ServicesResult } from "./services.ts";
export { median, quantile } from "./statistics.ts";
export {
  benchmarkTenants,
  type TenantsBenchmark,
  type TenantsResult,
} from "./tenants/benchmark-tenants.ts";
