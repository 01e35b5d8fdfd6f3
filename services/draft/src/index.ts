export {
  type DraftServiceOptions,
  type RunningDraftService,
  startDraftService,
} from "./start-draft-service.ts";
