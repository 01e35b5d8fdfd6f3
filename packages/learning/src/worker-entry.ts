import { workerEntry } from "@adaedl/runtime";

/** Where the entry of the training thread is. The name of this module is the one that bundles leave as it is. */
export function trainingEntry(): URL {
  return workerEntry("./worker/training-main", import.meta.url);
}
