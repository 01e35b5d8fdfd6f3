import type { World } from "./world.ts";

/** One end of a connection; not called any more after `closed`. */
export interface Peer<Message> {
  receive(message: Message): void;
  closed(): void;
}

/**
 * An ordered stream of messages both ways, as TCP gives it: messages take their time and keep their
 * order, and a connection that breaks loses what is on its way. Something in between may double them.
 */
export class Connection<Up, Down> {
  readonly #world: World;
  readonly #name: string;
  #lastUp = 0;
  #lastDown = 0;
  #isCut = false;
  /** Whether everything is lost, without a word to either end. */
  readonly #isSilent: boolean;
  edge: Peer<Down> | undefined;
  verifier: Peer<Up> | undefined;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.#isSilent = world.isDisturbed && world.random() < world.faults.blackHole;
    if (this.#isSilent) world.count("black hole");
  }

  sendUp(message: Up): void {
    this.#lastUp = this.#send("up", message, this.#lastUp, (sent) => this.verifier?.receive(sent));
  }

  sendDown(message: Down): void {
    this.#lastDown = this.#send("down", message, this.#lastDown, (s) => this.edge?.receive(s));
  }

  /** Ends it for both: the other end notices later, or, where the network is silent, by itself. */
  close(by: "edge" | "verifier"): void {
    const other = by === "edge" ? this.verifier : this.edge;
    this[by] = undefined;
    const at = this.#world.arrival(by === "edge" ? this.#lastUp : this.#lastDown);
    this.#world.clock.after(at - this.#world.clock.now, () => {
      if (this[by === "edge" ? "verifier" : "edge"] !== other) return;
      this[by === "edge" ? "verifier" : "edge"] = undefined;
      other?.closed();
    });
  }

  /** What is on its way is lost; both ends notice after a while. */
  cut(): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#world.note(`${this.#name} is cut`);
    this.#world.count("cut");
    const { clock, random } = this.#world;
    for (const end of ["edge", "verifier"] as const)
      clock.after(random() * 300, () => {
        const peer = this[end];
        this[end] = undefined;
        peer?.closed();
      });
  }

  #send<M>(way: "up" | "down", message: M, last: number, deliver: (message: M) => void): number {
    const { clock, faults, random } = this.#world;
    const at = this.#world.arrival(last);
    const numCopies = this.#world.isDisturbed && random() < faults.doubling ? 2 : 1;
    for (let copy = 0; copy < numCopies; copy++)
      clock.after(at - clock.now, () => {
        if (this.#isCut || this.#isSilent) return;
        if (copy > 0) this.#world.count("doubled message");
        if (this.#world.isTraced)
          this.#world.note(`${this.#name} ${way}: ${JSON.stringify(message, bigints)}`);
        deliver(message);
      });
    if (this.#world.isDisturbed && random() < faults.cut) this.cut();
    return at;
  }
}

const bigints = (_: string, value: unknown) =>
  typeof value === "bigint" ? value.toString(16) : value;
