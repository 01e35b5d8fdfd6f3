import {
  AdaedlError,
  type Commit,
  createSuffixChances,
  SuffixDrafter,
  type TargetEvent,
  TargetStream,
} from "@adaedl/core";
import type { Connection } from "./connection.ts";
import type { DownMessage, UpMessage } from "./messages.ts";
import { endTokenId, judge, numTokenIds, successorsOf } from "./model.ts";
import type { VerifierSetup } from "./scenario.ts";
import type { World } from "./world.ts";

type Link = Connection<UpMessage, DownMessage>;

interface Session {
  readonly link: Link;
  readonly seed: number;
  readonly stream: TargetStream;
  readonly isSupervising: boolean;
  /** Drafts beside the target. */
  readonly suffix: SuffixDrafter | undefined;
  isReady: boolean;
  isInStep: boolean;
  usedAt: number;
}

/** A verifier: sessions of many edges on one target model, which is never idle while one has credit. */
export class VerifierActor {
  readonly name: string;
  readonly #world: World;
  readonly #setup: VerifierSetup;
  readonly #sessions = new Map<Link, Session>();
  #isUp = true;
  #isDraining = false;
  #isBusy = false;
  /** Of the latest step. */
  #stepMs = 0;
  /** Counts crashes: what began before one is void. */
  #life = 0;

  constructor(world: World, setup: VerifierSetup, index: number) {
    this.#world = world;
    this.#setup = setup;
    this.name = `verifier ${index}`;
    for (const at of setup.crashesAtMs) world.clock.after(at, () => this.#crash());
    if (setup.drainsAtMs !== undefined) world.clock.after(setup.drainsAtMs, () => this.#drain());
  }

  get numSessions(): number {
    return this.#sessions.size;
  }

  accept(link: Link): void {
    link.verifier = {
      receive: (message) => this.#receive(link, message),
      closed: () => this.#forget(link),
    };
  }

  #receive(link: Link, message: UpMessage): void {
    if (message.type === "open") this.#open(link, message);
    else this.#apply(link, message);
    this.#step();
  }

  #open(link: Link, { seed, numSuccessors, ...terms }: UpMessage & { type: "open" }): void {
    const isTwice = this.#sessions.has(link);
    if (isTwice || !this.#isUp || this.#isDraining || !this.#makeRoom()) {
      this.#end(link);
      return;
    }
    const endTokenIds = new Set([endTokenId]);
    const stream = new TargetStream({ ...terms, endTokenIds, numTokenIds });
    const { now } = this.#world.clock;
    const suffix = this.#setup.hasSuffix ? suffixOf(stream, seed) : undefined;
    const session = {
      ...{ link, seed, stream, suffix, isReady: false, isInStep: false, usedAt: now },
      isSupervising: numSuccessors > 0,
    };
    this.#sessions.set(link, session);
    const life = this.#life;
    this.#world.clock.after(this.#setup.forwardMs, () => {
      session.isReady = true; // its prompt is computed
      if (life === this.#life) this.#step();
    });
  }

  /**
   * Gives the slot of the session that is idle longest to another. One that has work to do keeps its slot:
   * two that took it from each other would both get nowhere.
   */
  #makeRoom(): boolean {
    if (this.#sessions.size < this.#setup.maxSessions) return true;
    const idle = [...this.#sessions.values()].filter(
      ({ isReady, isInStep, stream }) => isReady && !isInStep && !stream.canStep,
    );
    const [evicted] = idle.sort((a, b) => a.usedAt - b.usedAt);
    if (evicted === undefined) return false;
    this.#world.note(`${this.name} evicts a session`);
    this.#world.count("eviction");
    this.#end(evicted.link);
    return true;
  }

  #apply(link: Link, event: TargetEvent): void {
    const session = this.#sessions.get(link);
    if (session === undefined) return;
    const { stream } = session;
    try {
      const effects = stream.apply(event);
      stream.checkIntegrity();
      if (stream.hasFreshNodes) this.#world.count("fresh nodes");
      for (const effect of effects) {
        if (effect.type === "commit") this.#send(session, effect.commit);
        else {
          link.sendDown({ type: "finished" });
          this.#forget(link);
        }
      }
    } catch (error) {
      if (!(error instanceof AdaedlError) || error.code === "internal") throw error;
      this.#world.note(`${this.name} refuses: ${error.message}`);
      this.#world.count("refused offer");
      this.#end(link);
    }
  }

  #send({ link }: Session, commit: Commit): void {
    const { random, isDisturbed } = this.#world;
    const isLie = isDisturbed && random() < this.#setup.lies;
    if (isLie) this.#world.count("false commit");
    const sent = isLie ? falseCommit(commit, random()) : commit;
    link.sendDown({ type: "commit", commit: sent, verifyMs: this.#stepMs });
  }

  #step(): void {
    if (this.#isBusy || !this.#isUp) return;
    const batch = [...this.#sessions.values()].filter((s) => s.isReady && s.stream.canStep);
    if (batch.length === 0) return;
    this.#isBusy = true;
    const { forwardMs, rowMs } = this.#setup;
    let numRows = 0;
    const work = batch.map((session) => {
      const offered = session.stream.plan(this.#setup).map(({ tokenId }) => tokenId);
      const own = this.#draftAfter(session, offered);
      const draft = [...offered, ...own];
      numRows += draft.length + 1;
      session.isInStep = true;
      session.usedAt = this.#world.clock.now;
      const result = judge(session.seed, session.stream.text.tokenIds, draft);
      const decided = [...draft.slice(0, result.numAccepted), result.nextTokenId];
      const successors = session.isSupervising ? decided.map(successorsOf) : undefined;
      session.stream.apply({
        ...{ type: "stepBegun", draftTokenIds: draft, numVerifierDrafted: own.length },
      });
      return { session, result: { ...result, successors } };
    });
    const life = this.#life;
    this.#stepMs = forwardMs + rowMs * numRows;
    this.#world.clock.after(this.#stepMs, () => {
      if (life !== this.#life) return;
      this.#isBusy = false;
      for (const { session, result } of work) {
        session.isInStep = false;
        this.#apply(session.link, { type: "stepDone", ...result });
      }
      this.#step();
    });
  }

  /** The verifier's own draft tokens after those of the edge: none in rounds. */
  #draftAfter({ stream, suffix }: Session, path: readonly number[]): number[] {
    const room = Math.min(this.#setup.maxDraftLength, stream.draftRoom) - path.length;
    if (suffix === undefined || stream.isLastStep || path.includes(endTokenId)) return [];
    return suffix.propose(path, room).map(({ tokenId }) => tokenId);
  }

  #crash(): void {
    this.#world.note(`${this.name} crashes`);
    this.#world.count("crash");
    this.#life++;
    this.#isUp = false;
    this.#isBusy = false;
    for (const link of this.#sessions.keys()) link.cut();
    this.#sessions.clear();
    this.#world.clock.after(100 + this.#world.random() * 400, () => {
      this.#isUp = true;
      this.#world.note(`${this.name} is back`);
    });
  }

  #drain(): void {
    this.#world.note(`${this.name} drains`);
    this.#world.count("drain");
    this.#isDraining = true;
    this.#world.clock.after(200, () => {
      for (const link of [...this.#sessions.keys()]) this.#end(link);
    });
  }

  #end(link: Link): void {
    this.#forget(link);
    link.close("verifier");
  }

  #forget(link: Link): void {
    this.#sessions.delete(link);
  }
}

function suffixOf(stream: TargetStream, seed: number): SuffixDrafter {
  return new SuffixDrafter(stream.text, {
    ...{ seed, isGreedy: seed % 2 === 0, numPromptTokens: 0, maxTokens: 40, salt: seed },
    chances: createSuffixChances(false),
  });
}

/** What no honest verifier sends, and no text may suffer from. */
function falseCommit(commit: Commit, luck: number): Commit {
  const { position, tokenIds, numJudged } = commit;
  const first = tokenIds[0] as number;
  const lies: readonly Commit[] = [
    { ...commit, position: position + 1 },
    { ...commit, position: position - 1, tokenIds: [first + 1000, ...tokenIds] },
    { ...commit, numAccepted: numJudged + 1, tokenIds: new Array(numJudged + 2).fill(first) },
    { ...commit, tokenIds: [] },
    { ...commit, tokenIds: tokenIds.with(0, numTokenIds) },
    { ...commit, tokenIds: [...tokenIds, first] },
    { ...commit, position: -1 },
    { ...commit, numVerifierDrafted: numJudged + 1 },
    { ...commit, successors: [[1, 2, 3]] },
  ];
  return lies[Math.floor(luck * lies.length)] as Commit;
}
