export { benchmarkServices, type ServicesBenchmark, type ServicesResult } from "./services.ts";
export { median, quantile } from "./statistics.ts";
