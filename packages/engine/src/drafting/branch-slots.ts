import { AdaedlError, Text } from "@adaedl/core";
import type { ProposeRead, RowResult, SlotSettings } from "@adaedl/runtime";
import { longestPiece } from "../prompt-pace.ts";
import type { PacedThread } from "../step-scheduler.ts";

/** Tokens that a slot computes once more rather than being replaced by a copy of one that holds them. */
const maxCatchUp = 16;

interface BranchSlot {
  readonly slotId: number;
  /** The tokens whose KV entries it holds. */
  readonly held: Text;
}

/** What to read of a place. */
export type PlaceRead = Omit<ProposeRead, "index">;

/** A place that is read, and those after it which are read with it. */
export interface BranchPlace {
  /** The draft model's tokens before it. */
  readonly sequence: readonly number[];
  /** Stand for the tokens between it and the further places; they leave no trace in a slot. */
  readonly masks: readonly number[];
  /** One for the place, and one after each mask. */
  readonly reads: readonly PlaceRead[];
}

interface BranchStep {
  readonly slot: BranchSlot;
  /** Tokens of the slot that stay. */
  readonly numKept: number;
  readonly tokenIds: readonly number[];
  readonly place?: BranchPlace;
}

/**
 * The slots of one text in the draft model: each follows one branch of the draft tree. There is one
 * from the beginning, and a further one from when a forward first has use for it, as a copy: what
 * branches share is computed once. One call at a time.
 */
export class BranchSlots {
  readonly #thread: PacedThread;
  /** The one that was not used for longest comes first. */
  #slots: BranchSlot[];
  #numForwards = 0;
  #closing: Promise<void> | undefined;

  private constructor(thread: PacedThread, slotId: number) {
    this.#thread = thread;
    this.#slots = [{ slotId, held: new Text() }];
  }

  static async open(
    thread: PacedThread,
    settings: SlotSettings,
    signal?: AbortSignal,
  ): Promise<BranchSlots> {
    return new BranchSlots(thread, await thread.openSlot(settings, signal));
  }

  get numForwards(): number {
    return this.#numForwards;
  }

  /** Computes `text` in the slot that has most of it, until at most `numMissing` (1 or more) tokens are missing. */
  async catchUp(text: readonly number[], numMissing: number, signal?: AbortSignal): Promise<void> {
    const shared = this.#slots.map(({ held }) => sharedLength(held, text));
    let numKept = Math.max(...shared);
    const slot = this.#slots[shared.indexOf(numKept)] as BranchSlot;
    while (text.length - numKept > numMissing) {
      const end = Math.min(numKept + this.#pieceLength(), text.length - 1);
      const tokenIds = text.slice(numKept, end);
      await this.#forward([{ slot, numKept, tokenIds }], text.length, signal);
      numKept = end;
    }
  }

  /**
   * One forward, after those of `catchUp`: reads what follows each of the sequences.
   * @param text what they have in common, nearly
   * @param roundStart length of the target's text
   * @returns [places][reads]
   */
  async readAfter(
    text: readonly number[],
    places: readonly BranchPlace[],
    roundStart: number,
    signal?: AbortSignal,
  ): Promise<readonly (readonly RowResult[])[]> {
    if (places.length === 0) return [];
    const numMissing = places.length > 1 ? maxCatchUp : this.#pieceLength();
    await this.catchUp(text, numMissing, signal);
    const sequences = places.map(({ sequence }) => sequence);
    const slots = await this.#assign(sequences, signal);
    const steps = slots.map((slot, index): BranchStep => {
      const place = places[index] as BranchPlace;
      const { sequence } = place;
      // What is read has to be computed, if once more.
      const numKept = Math.min(sharedLength(slot.held, sequence), sequence.length - 1);
      return { slot, numKept, tokenIds: sequence.slice(numKept), place };
    });
    const rows = await this.#forward(steps, roundStart, signal);
    this.#slots = [...this.#slots.filter((slot) => !slots.includes(slot)), ...slots];
    return rows;
  }

  /** May be called again, and while another call runs, which then fails. */
  close(): Promise<void> {
    this.#closing ??= Promise.all(
      this.#slots.map(({ slotId }) => this.#thread.closeSlot(slotId)),
    ).then(() => {});
    return this.#closing;
  }

  /** A slot for each sequence: the one that holds most of it, where no other sequence has more use for it. */
  async #assign(
    sequences: readonly (readonly number[])[],
    signal: AbortSignal | undefined,
  ): Promise<readonly BranchSlot[]> {
    const pairs = sequences
      .flatMap((sequence, place) =>
        this.#slots.map((slot) => ({ place, slot, shared: sharedLength(slot.held, sequence) })),
      )
      .sort((a, b) => b.shared - a.shared);
    const assigned = new Map<number, (typeof pairs)[number]>();
    for (const pair of pairs) {
      const isTaken = [...assigned.values()].some(({ slot }) => slot === pair.slot);
      if (!isTaken && !assigned.has(pair.place)) assigned.set(pair.place, pair);
    }
    const slots: BranchSlot[] = [];
    for (const place of sequences.keys()) {
      const own = assigned.get(place);
      const best = pairs.find((pair) => pair.place === place) as (typeof pairs)[number];
      const isNear = own !== undefined && best.shared - own.shared <= maxCatchUp;
      slots.push(isNear ? own.slot : await this.#fork(best.slot, own?.slot, signal));
    }
    return slots;
  }

  /** A copy of a slot, in place of another one if that is given. */
  async #fork(
    { slotId, held }: BranchSlot,
    replaced: BranchSlot | undefined,
    signal: AbortSignal | undefined,
  ): Promise<BranchSlot> {
    const copyId = await this.#thread.forkSlot(slotId, signal);
    if (this.#closing !== undefined) {
      await this.#thread.closeSlot(copyId);
      throw new AdaedlError("cancelled", "the drafter was closed");
    }
    const copy = { slotId: copyId, held: new Text(held.tokenIds) };
    this.#slots = [...this.#slots.filter((slot) => slot !== replaced), copy];
    if (replaced !== undefined) await this.#thread.closeSlot(replaced.slotId);
    return copy;
  }

  /** @returns [steps][reads] */
  async #forward(
    steps: readonly BranchStep[],
    roundStart: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly (readonly RowResult[])[]> {
    const slotSteps = steps.map(({ slot: { slotId, held }, numKept, tokenIds, place }) => {
      held.truncate(numKept);
      const { masks = [], reads: placeReads = [] } = place ?? {};
      const reads = placeReads.map((read, index) => ({
        ...read,
        index: tokenIds.length - 1 + index,
      }));
      return { slotId, keep: held.fence(), tokenIds: [...tokenIds, ...masks], roundStart, reads };
    });
    const results = await this.#thread.forward(slotSteps, signal);
    this.#numForwards++;
    return results.map((result, index) => {
      if ("error" in result)
        throw new AdaedlError(result.error.code, result.error.message, result.error);
      const { slot, tokenIds } = steps[index] as BranchStep;
      for (const tokenId of tokenIds) slot.held.append(tokenId); // the next forward rolls masks back
      return result.rows;
    });
  }

  #pieceLength(): number {
    return this.#thread.pieceLength?.() ?? longestPiece;
  }
}

/** Length of what both begin with. */
function sharedLength({ tokenIds }: Text, sequence: readonly number[]): number {
  const limit = Math.min(tokenIds.length, sequence.length);
  let length = 0;
  while (length < limit && tokenIds[length] === sequence[length]) length++;
  return length;
}
