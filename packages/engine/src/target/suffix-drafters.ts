import { randomInt } from "node:crypto";
import {
  createPolicyMemory,
  createSuffixChances,
  type PolicyMemory,
  SuffixDrafter,
  SuffixMemory,
  separator,
  type Text,
} from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";
import type { TextStart } from "./text-start.ts";

/** What is drafted for. */
interface DraftedStart extends Pick<TextStart, "client"> {
  readonly settings: Pick<SlotSettings, "seed" | "sampling" | "numPromptTokens">;
}

/** Memory of the drafters without a model, in tokens: at most 300 bytes each. */
export interface SuffixLimits {
  /** Of each text: the last half of them or more; 0: nothing is drafted. */
  readonly textTokens: number;
  /** Of past answers to each client; 0: none are kept. */
  readonly pastTokens: number;
}

/** Clients that are remembered, and for how long after their last text. */
const maxClients = 32;
const keptMs = 10 * 60_000;

interface ClientMemory {
  readonly answers: SuffixMemory;
  readonly chances: PolicyMemory;
  usedAt: number;
}

/**
 * Drafters without a model for the texts of an engine. What a client was answered is drafted from for the
 * same client alone: how fast a text comes would tell others of it. It is gone when the client was away for
 * ten minutes, or is one of too many.
 */
export class SuffixDrafters {
  readonly #limits: SuffixLimits;
  readonly #now: () => number;
  /** By client, the one used last at the end. */
  readonly #clients = new Map<string, ClientMemory>();
  readonly #salt = randomInt(2 ** 31);

  /** @param now milliseconds of a monotonic clock */
  constructor(limits: SuffixLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Clients whose answers are kept. */
  get numClients(): number {
    return this.#clients.size;
  }

  /** @param text of the session, which the drafter follows */
  open(text: Text, { client, settings }: DraftedStart): SuffixDrafter {
    const { seed, sampling, numPromptTokens } = settings;
    const { answers, chances } = this.#memoryOf(client);
    const isGreedy = sampling.temperature === 0;
    return new SuffixDrafter(text, {
      ...{ seed, isGreedy, numPromptTokens, salt: this.#salt },
      maxTokens: this.#limits.textTokens,
      // What is learnt of a client's texts is hit rates, and nothing of what is in them.
      chances: chances.recall(sampling.temperature.toFixed(1), () => createSuffixChances(isGreedy)),
      past: this.#limits.pastTokens > 0 ? answers : undefined,
    });
  }

  /** The text is complete. */
  keep(text: Text, { client, settings }: DraftedStart): void {
    const { pastTokens } = this.#limits;
    if (pastTokens === 0) return;
    const { answers } = this.#memoryOf(client);
    const start = Math.max(settings.numPromptTokens, text.length - pastTokens);
    for (const tokenId of text.tokenIds.slice(start)) answers.append(tokenId);
    answers.append(separator);
  }

  #memoryOf(client: string): ClientMemory {
    const now = this.#now();
    const memory = this.#clients.get(client) ?? {
      answers: new SuffixMemory(this.#limits.pastTokens, this.#salt),
      chances: createPolicyMemory(),
      usedAt: now,
    };
    memory.usedAt = now;
    this.#clients.delete(client);
    this.#clients.set(client, memory);
    for (const [oldest, { usedAt }] of this.#clients) {
      if (usedAt > now - keptMs && this.#clients.size <= maxClients) break;
      this.#clients.delete(oldest);
    }
    return memory;
  }
}
