import { randomInt } from "node:crypto";
import {
  createPolicyMemory,
  createSuffixChances,
  type PolicyMemory,
  SuffixDrafter,
  SuffixMemory,
  type Text,
} from "@adaedl/core";
import type { SlotSettings } from "@adaedl/runtime";
import { ClientMemories } from "../client-memories.ts";
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

interface ClientMemory {
  readonly answers: SuffixMemory;
  readonly chances: PolicyMemory;
}

/** Drafters without a model for the texts of an engine. What a client was answered is drafted from for the same client. */
export class SuffixDrafters {
  readonly #limits: SuffixLimits;
  readonly #clients: ClientMemories<ClientMemory>;
  readonly #salt = randomInt(2 ** 31);

  /** @param now milliseconds of a monotonic clock */
  constructor(limits: SuffixLimits, now: () => number) {
    this.#limits = limits;
    this.#clients = new ClientMemories<ClientMemory>(
      () => ({
        answers: new SuffixMemory(limits.pastTokens, this.#salt),
        chances: createPolicyMemory(),
      }),
      now,
    );
  }

  /** Clients whose answers are kept. */
  get numClients(): number {
    return this.#clients.size;
  }

  /** @param text of the session, which the drafter follows */
  open(text: Text, { client, settings }: DraftedStart): SuffixDrafter {
    const { seed, sampling, numPromptTokens } = settings;
    const { answers, chances } = this.#clients.of(client);
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
    if (this.#limits.pastTokens === 0) return;
    const { answers } = this.#clients.of(client);
    answers.appendText(text.tokenIds.slice(settings.numPromptTokens));
  }
}
