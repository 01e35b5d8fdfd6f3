import { type Fence, type Offer, Text } from "@adaedl/core";
import type { TestRandom } from "@adaedl/testing";
import { Connection } from "./connection.ts";
import type { DownMessage, UpMessage } from "./messages.ts";
import { numTokenIds, targetToken } from "./model.ts";
import type { VerifierActor } from "./verifier-actor.ts";
import { Violation, type World } from "./world.ts";

/** An edge that sends random messages. It may be refused; what it receives is the target's text. */
export class LiarActor {
  readonly #world: World;
  readonly #random: TestRandom;
  readonly #verifier: VerifierActor;
  readonly #seed: number;
  #numSent = 0;

  constructor(world: World, random: TestRandom, verifier: VerifierActor) {
    this.#world = world;
    this.#random = random;
    this.#verifier = verifier;
    this.#seed = random.integer(2 ** 32);
    world.clock.after(random.next() * 500, () => this.#open());
  }

  #open(): void {
    const { integer } = this.#random;
    const link = new Connection<UpMessage, DownMessage>(this.#world, "liar");
    const text = new Text(Array.from({ length: 1 + integer(4) }, () => integer(numTokenIds)));
    let isClosed = false;
    link.edge = {
      receive: (message) => {
        if (message.type !== "commit" || message.commit.position !== text.length) return;
        for (const tokenId of message.commit.tokenIds) {
          if (tokenId !== targetToken(this.#seed, text))
            throw new Violation(`a lying edge moved token ${text.length}`);
          text.append(tokenId);
        }
      },
      closed: () => {
        isClosed = true;
      },
    };
    this.#verifier.accept(link);
    const maxLength = text.length + 1 + integer(30);
    link.sendUp({
      type: "open",
      seed: this.#seed,
      tokenIds: [...text.tokenIds],
      maxLength,
      credit: integer(60),
      numSuccessors: integer(3),
    });
    const talk = (): void => {
      if (isClosed) return;
      if (this.#numSent > 200) {
        link.close("edge");
        return;
      }
      link.sendUp(this.#message(text));
      this.#world.clock.after(this.#random.next() * 20, talk);
    };
    talk();
  }

  #message(text: Text): UpMessage {
    const { integer, next } = this.#random;
    const isBase = this.#numSent === 0 || next() < 0.2;
    const base = isBase ? this.#base(text) : undefined;
    const firstId = this.#numSent + (next() < 0.1 ? integer(8) : 1);
    const nodes = Array.from({ length: integer(6) }, (): Offer["nodes"][number] => ({
      parent: next() < 0.02 ? this.#numSent + 7 : integer(++this.#numSent),
      tokenId: next() < 0.01 ? numTokenIds : integer(numTokenIds),
      chance: next() < 0.01 ? 2 : 1 - next(),
    }));
    return { type: "offer", offer: { base, firstId, nodes, credit: integer(60) } };
  }

  #base(text: Text): Fence {
    const fence = text.fence(this.#random.integer(text.length + 1));
    return this.#random.next() < 0.1 ? { ...fence, length: fence.length + 1 } : fence;
  }
}
