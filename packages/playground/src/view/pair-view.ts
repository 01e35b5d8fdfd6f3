import type { Model } from "../api/wire.ts";
import { elementById, elementsByData } from "./elements.ts";
import { inUnits } from "./numbers.ts";

/** Shows the two models behind `model` and the way between them, in the elements of index.html. */
export function showPair(model: Model | undefined): void {
  const pair = elementById("pair", HTMLElement);
  const cells = elementsByData(pair, "pair");
  const set = (name: string, text: string) => {
    const cell = cells.get(name);
    if (cell !== undefined) cell.textContent = text;
  };
  const { draft_model, draft_n_params, n_params, round_trip_ms } = model?.meta ?? {};
  pair.hidden = model === undefined || typeof draft_model !== "string";
  set("draft", draft_model ?? "");
  set("target", model?.id ?? "");
  set("draft-size", sizeOf(draft_n_params));
  set("target-size", sizeOf(n_params));
  set("distance", round_trip_ms ? `${Math.max(1, Math.round(round_trip_ms))} ms away` : "network");
}

function sizeOf(numParameters: number | null | undefined): string {
  return numParameters ? `${inUnits(numParameters)} parameters` : "";
}
