export type { DraftServiceOptions } from "./options.ts";
export { type RunningDraftService, startDraftService } from "./start-draft-service.ts";
