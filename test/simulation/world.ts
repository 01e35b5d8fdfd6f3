import { AdaedlError } from "@adaedl/core";
import { Clock } from "./clock.ts";
import type { Scenario } from "./scenario.ts";

/** What all actors of one simulation share: time, chance, the network, and the trace. */
export class World {
  readonly clock = new Clock();
  readonly #scenario: Scenario;
  readonly isTraced: boolean;
  readonly random: () => number;
  readonly trace: string[] = [];
  /** How often what happened. */
  readonly counts: Record<string, number> = {};

  constructor(scenario: Scenario, random: () => number, isTraced: boolean) {
    this.#scenario = scenario;
    this.isTraced = isTraced;
    this.random = random;
  }

  get faults() {
    return this.#scenario.faults;
  }

  /** Faults end after a while, so that every text can. */
  get isDisturbed(): boolean {
    return this.clock.now < this.#scenario.faults.untilMs;
  }

  /** When a message that is sent now arrives: not before the one before it. */
  arrival(last: number): number {
    const { delayMs, jitterMs } = this.#scenario;
    return Math.max(last, this.clock.now + delayMs + jitterMs * -Math.log(1 - this.random()));
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  note(line: string): void {
    if (this.isTraced) this.trace.push(`${this.clock.now.toFixed(2).padStart(9)}  ${line}`);
  }
}

/** What a simulation found wrong. */
export class Violation extends AdaedlError {
  constructor(message: string) {
    super("internal", message);
  }
}
