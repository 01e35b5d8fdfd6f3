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
  const { draft_model, draft_n_params, n_params, round_trip_ms, ...meta } = model?.meta ?? {};
  pair.hidden = model === undefined || typeof draft_model !== "string";
  set("draft", draft_model ?? "");
  set("target", model?.id ?? "");
  set("draft-size", sizeOf(draft_n_params));
  set("target-size", sizeOf(n_params));
  set("distance", round_trip_ms ? `${Math.max(1, Math.round(round_trip_ms))} ms away` : "network");
  set("emulated", emulatedTime(meta.emulated_draft_ms, meta.emulated_target_ms));
}

/** Empty where both models take the time that they really take. */
function emulatedTime(draftMs: string | null | undefined, targetMs: string | null | undefined) {
  const parts = [
    ...(draftMs ? [`draft ${draftMs} ms`] : []),
    ...(targetMs ? [`target ${targetMs} ms`] : []),
  ];
  return parts.length === 0 ? "" : `Emulated model time a forward: ${parts.join(", ")}`;
}

function sizeOf(numParameters: number | null | undefined): string {
  return numParameters ? `${inUnits(numParameters)} parameters` : "";
}
