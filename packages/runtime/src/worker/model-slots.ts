import { AdaedlError, type LogitsRow, needsAllLogits } from "@adaedl/core";
import type { ErrorMessage, SlotResult, SlotSettings, SlotStep } from "../messages.ts";
import type { BackendStep, ModelBackend } from "./model-backend.ts";
import { createSlot, readRow, type Slot } from "./read-rows.ts";
import type { SlotCache } from "./slot-cache.ts";

/** Far beyond what a model can serve: a caller that forgets to close its slots. */
const maxSlots = 4096;

/** The slots of one open model, and forwards over them. Lives in the worker. */
export class ModelSlots {
  readonly #backend: ModelBackend;
  readonly #maskTokenId: number | undefined;
  readonly #slots = new Map<number, Slot>();
  #nextSlotId = 1;

  /** @param maskTokenId a token of the model that is never drafted */
  constructor(backend: ModelBackend, maskTokenId?: number) {
    this.#backend = backend;
    this.#maskTokenId = maskTokenId;
  }

  /** @throws AdaedlError `resource_exhausted` when too many are open */
  openSlot(settings: SlotSettings): number {
    return this.#add(() => this.#createSlot(this.#backend.createCache(), settings));
  }

  /** @throws AdaedlError `not_found`; `resource_exhausted` as `openSlot` */
  forkSlot(slotId: number): number {
    const { cache, settings } = this.#slotOf(slotId);
    return this.#add(() => this.#createSlot(cache.copy(), settings));
  }

  #createSlot(cache: SlotCache, settings: SlotSettings): Slot {
    try {
      return createSlot(cache, settings, this.#maskTokenId);
    } catch (error) {
      cache.close();
      throw error;
    }
  }

  closeSlot(slotId: number): void {
    this.#slots.get(slotId)?.cache.close();
    this.#slots.delete(slotId);
  }

  /** One forward; a step that is wrong in itself fails alone. */
  async forward(steps: readonly SlotStep[]): Promise<SlotResult[]> {
    const results: SlotResult[] = new Array(steps.length);
    const running: { place: number; step: SlotStep; slot: Slot; input: BackendStep }[] = [];
    steps.forEach((step, place) => {
      try {
        const slot = this.#check(step);
        if (running.some((other) => other.slot === slot))
          throw new AdaedlError("invalid_argument", `slot ${step.slotId} has two steps`, {
            field: "slotId",
          });
        running.push({ place, step, slot, input: this.#backendStep(step, slot) });
      } catch (error) {
        results[place] = { error: toErrorMessage(error) };
      }
    });
    if (running.length > 0) {
      for (const { slot, step } of running) slot.cache.rollBack(step.keep.length);
      const rows = await this.#backend.forward(running.map(({ input }) => input));
      running.forEach(({ place, step, slot, input }, index) => {
        try {
          const byIndex = new Map(input.rows.map((row, at) => [row, rows[index]?.[at]]));
          results[place] = {
            rows: step.reads.map((read) =>
              readRow(slot, step, read, byIndex.get(read.index) as LogitsRow),
            ),
          };
        } catch (error) {
          results[place] = { error: toErrorMessage(error) };
        }
      });
    }
    return results;
  }

  async close(): Promise<void> {
    this.#slots.clear();
    await this.#backend.close();
  }

  #add(create: () => Slot): number {
    if (this.#slots.size >= maxSlots)
      throw new AdaedlError("resource_exhausted", `${maxSlots} slots are open`);
    const slotId = this.#nextSlotId++;
    this.#slots.set(slotId, create());
    return slotId;
  }

  #slotOf(slotId: number): Slot {
    const slot = this.#slots.get(slotId);
    if (slot === undefined)
      throw new AdaedlError("not_found", `slot ${slotId} is not open`, { field: "slotId" });
    return slot;
  }

  #check(step: SlotStep): Slot {
    const { vocabSize, contextLength } = this.#backend.info;
    const { slotId, keep, tokenIds, reads } = step;
    const slot = this.#slotOf(slotId);
    if (keep.length > slot.cache.text.length)
      throw new AdaedlError(
        "failed_precondition",
        `slot ${slotId} holds ${slot.cache.text.length} tokens, cannot keep ${keep.length}`,
        { field: "keep.length", value: keep.length },
      );
    if (!slot.cache.text.startsWith(keep))
      throw new AdaedlError(
        "internal",
        `slot ${slotId} does not hold the first ${keep.length} tokens of the text`,
        { field: "keep.hash" },
      );
    if (tokenIds.length === 0)
      throw new AdaedlError("invalid_argument", "a step needs at least one token", {
        field: "tokenIds",
      });
    if (keep.length + tokenIds.length > contextLength)
      throw new AdaedlError(
        "out_of_range",
        `${keep.length + tokenIds.length} tokens do not fit into the model's context of ${contextLength}`,
        { field: "tokenIds" },
      );
    const bad = tokenIds.findIndex((id) => !Number.isInteger(id) || id < 0 || id >= vocabSize);
    if (bad >= 0)
      throw new AdaedlError(
        "invalid_argument",
        `tokenIds[${bad}] must be a whole number from 0 to ${vocabSize - 1}, got ${tokenIds[bad]}`,
        { field: `tokenIds[${bad}]`, value: tokenIds[bad] },
      );
    // A row outside of the step would be another session's.
    const outside = reads.find(({ index }) => tokenIds[index] === undefined);
    if (outside !== undefined)
      throw new AdaedlError(
        "invalid_argument",
        `reads must be of the step's ${tokenIds.length} tokens, got index ${outside.index}`,
        { field: "reads", value: outside.index },
      );
    return slot;
  }

  #backendStep(step: SlotStep, slot: Slot): BackendStep {
    const { sampling } = slot.settings;
    const rows = [...new Set(step.reads.map((read) => read.index))].sort((a, b) => a - b);
    const wantsLogits = step.reads.some((read) => read.kind === "logits");
    const isChoosing = step.reads.some((read) => read.kind !== "logits");
    const wantsAll =
      slot.settings.wantsLogprobs === true || needsAllLogits(sampling, this.#backend.numTop);
    return {
      cache: slot.cache,
      tokenIds: step.tokenIds,
      rows,
      // At temperature 0 the entropy that counts is that of the model's own distribution.
      temperature: sampling.temperature === 0 ? 1 : sampling.temperature,
      needsLogits: wantsLogits || (isChoosing && wantsAll),
    };
  }
}

export function toErrorMessage(error: unknown): ErrorMessage {
  const { code, message, stack, field, value } = AdaedlError.from(error);
  return {
    code,
    message,
    ...(field === undefined ? {} : { field }),
    ...(value === undefined ? {} : { value: plain(value) }),
    ...(stack === undefined ? {} : { stack }),
  };
}

function plain(value: unknown): string | number | boolean {
  return typeof value === "number" || typeof value === "boolean" ? value : String(value);
}
