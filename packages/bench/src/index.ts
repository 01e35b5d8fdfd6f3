export {
  type Advice,
  type AdviceOptions,
  advise,
  type PolicyAdvice,
} from "./advise/advise.ts";
export { type BreakEven, leastGain } from "./advise/break-even.ts";
export type { KnownCosts, PairCosts } from "./advise/pair-costs.ts";
export { planTexts } from "./advise/plan-texts.ts";
export { type CandidatesRow, compareCandidates } from "./candidates/compare-candidates.ts";
export { compareLoad, type LoadRow } from "./load/compare-load.ts";
export type { Cell, Clock, Comparison, GuessSample } from "./policies/cell.ts";
export { type CompareProgress, type CompareResult, comparePolicies } from "./policies/compare.ts";
export { numCells } from "./policies/compare-policies.ts";
export { type Grid, longestTried, type Workload } from "./policies/grid.ts";
export { type PaperResult, paperResults } from "./policies/paper-results.ts";
export { type Preset, presets } from "./policies/presets.ts";
export type { PairModels } from "./policies/tape/open-pair-threads.ts";
export { measureWall, type OpenClient, type WallOptions } from "./policies/wall/measure-wall.ts";
export { type CellGroup, groupCells } from "./report/cell-groups.ts";
export { type Gain, gainsOf } from "./report/gains.ts";
export { fastestOf, type RelativeSpeed, relativeSpeed } from "./report/relative-speed.ts";
export { writeReport } from "./report/write-report.ts";
export { benchmarkServices, type ServicesBenchmark, type ServicesResult } from "./services.ts";
export { median, quantile } from "./statistics.ts";
export {
  type LaunchedStacks,
  measureTelemetry,
  type TelemetryOptions,
} from "./telemetry/measure-telemetry.ts";
export { openTraceSink } from "./telemetry/open-trace-sink.ts";
export { watchProcess } from "./telemetry/process-usage.ts";
export { startScraping } from "./telemetry/start-scraping.ts";
export { openStreamClient } from "./telemetry/stream-client.ts";
export {
  type Spread,
  summarizeTelemetry,
  type TelemetryResult,
} from "./telemetry/summarize-telemetry.ts";
export type { TelemetryStack } from "./telemetry/telemetry-stack.ts";
export {
  type ForwardsOptions,
  type ForwardsResult,
  type ForwardTime,
  measureForwards,
  type Opening,
} from "./weights/measure-forwards.ts";
export { measureQuality, type QualityRow } from "./weights/measure-quality.ts";
export { type MeasureApart, measureWeights, type WeightsRow } from "./weights/measure-weights.ts";
export type { RandomModelSize } from "./weights/random-model.ts";
