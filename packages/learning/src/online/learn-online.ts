import { AdaedlError, type TokenLogprob } from "@adaedl/core";
import { writeModel } from "../directory/write-model.ts";
import { openTrainingThread, type TrainingThread } from "../training-thread.ts";
import { batchesOf, type JudgedText, judgedTextOf, onlineShape } from "./judged-text.ts";
import {
  beginVersion,
  commitVersion,
  type OnlineDirectory,
  removeOthers,
} from "./online-directory.ts";
import {
  guardWindow,
  newOnlineState,
  type OnlineEvent,
  type OnlineJob,
  reduceOnline,
} from "./online-policy.ts";

/** A draft that learns from what it is served for (Online Speculative Decoding, arXiv 2310.07177). */
export interface OnlineLearner extends AsyncDisposable {
  readonly report: OnlineReport;
  requestBegan(): void;
  /**
   * @param text prompt and output, by the draft's ids; absent where nothing is to be learnt from it
   * @param tops the target's most probable tokens in the place of a token, by its index in the text
   */
  requestEnded(text?: readonly number[], tops?: ReadonlyMap<number, readonly TokenLogprob[]>): void;
  /** Ends the running job, frees the model and stops its thread. May be called again. */
  close(): Promise<void>;
}

/** Where learning stands. */
export interface OnlineReport {
  /** Of the weights that draft; 0 are those that it began with. */
  readonly version: number;
  /** Since it was opened. */
  readonly numSteps: number;
  readonly numPositions: number;
  readonly numRollBacks: number;
  /** Of the latest texts, from the target's most probable tokens; undefined before there are any. */
  readonly live: number | undefined;
  readonly frozen: number | undefined;
}

export interface OnlineOptions {
  /** What `openOnlineDirectory` returned. */
  readonly state: OnlineDirectory;
  /** Has the requests that begin from now on drafted for with the weights of a model directory. */
  swap(directory: string, signal: AbortSignal): Promise<void>;
  /** Once: it learns no more, and the draft stays as it is. */
  onFailure(error: AdaedlError): void;
  onRollBack?(report: OnlineReport): void;
}

export const onlineSchedule = { peak: 3e-4, warmupSteps: 10 };
const card = "Learnt by `adaedl serve draft --learn` from the texts of a service.\n";

/** @throws AdaedlError where the draft cannot be trained */
export async function openOnlineLearner(
  options: OnlineOptions,
  signal?: AbortSignal,
): Promise<OnlineLearner> {
  const { base, training } = options.state;
  return new Learner(options, await openTraining(base, training, signal));
}

function openTraining(directory: string, stateDirectory?: string, signal?: AbortSignal) {
  const state = stateDirectory === undefined ? {} : { stateDirectory };
  return openTrainingThread(
    {
      directory,
      loss: "tv-top16",
      shape: onlineShape,
      schedule: onlineSchedule,
      isBackground: true,
      ...state,
    },
    signal,
  );
}

class Learner implements OnlineLearner {
  readonly #options: OnlineOptions;
  readonly #closing = new AbortController();
  #training: TrainingThread;
  #state = newOnlineState<JudgedText>();
  /** The version that drafts, and the last one that was written. */
  #version: number;
  #lastVersion: number;
  #counts = { numSteps: 0, numPositions: 0, numRollBacks: 0 };
  /** Of the latest texts; at most `guardWindow`. */
  #matches: { readonly live: number; readonly frozen: number }[] = [];
  #job: { readonly interrupt: AbortController; readonly done: Promise<void> } | undefined;

  constructor(options: OnlineOptions, training: TrainingThread) {
    this.#options = options;
    this.#training = training;
    this.#version = options.state.version;
    this.#lastVersion = options.state.version;
  }

  get report(): OnlineReport {
    const meanOf = (which: "live" | "frozen") =>
      this.#matches.length === 0
        ? undefined
        : this.#matches.reduce((sum, match) => sum + match[which], 0) / this.#matches.length;
    const [live, frozen] = [meanOf("live"), meanOf("frozen")];
    return { version: this.#version, ...this.#counts, live, frozen };
  }

  requestBegan(): void {
    this.#apply({ type: "requestBegan" });
  }

  requestEnded(
    text?: readonly number[],
    tops: ReadonlyMap<number, readonly TokenLogprob[]> = new Map(),
  ): void {
    const judged = text && judgedTextOf(text, tops, this.#training.spec);
    this.#apply({ type: "requestEnded", text: judged });
  }

  async close(): Promise<void> {
    this.#closing.abort(new AdaedlError("cancelled", "learning ends with its service"));
    await this.#job?.done;
    await this.#training.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #apply(event: OnlineEvent<JudgedText>): void {
    if (this.#closing.signal.aborted) return;
    const [state, effects] = reduceOnline(this.#state, event);
    this.#state = state;
    for (const effect of effects)
      if (effect.type === "interrupt") this.#job?.interrupt.abort(interruption);
      else this.#start(effect.job);
  }

  #start(job: OnlineJob<JudgedText>): void {
    const interrupt = new AbortController();
    const signal = AbortSignal.any([interrupt.signal, this.#closing.signal]);
    const run = async (): Promise<OnlineEvent<JudgedText>> => {
      try {
        return { type: "done", gains: await this.#run(job, signal) };
      } catch (error) {
        if (signal.aborted) return { type: "interrupted" };
        this.#options.onFailure(AdaedlError.from(error));
        return { type: "failed" };
      }
    };
    this.#job = { interrupt, done: run().then((event) => this.#apply(event)) };
  }

  /** @returns gains of `compare` */
  async #run(job: OnlineJob<JudgedText>, signal: AbortSignal): Promise<number[] | undefined> {
    switch (job.type) {
      case "compare":
        return this.#compare(job.texts, signal);
      case "learn": {
        // Not interrupted: a step that has begun ends, and would count twice.
        const { numJudged } = await this.#training.step(batchesOf(job.texts));
        this.#counts.numSteps++;
        this.#counts.numPositions += numJudged;
        return undefined;
      }
      case "publish":
        await this.#publish(signal);
        return undefined;
      case "rollBack":
        await this.#rollBack(signal);
        return undefined;
    }
  }

  async #compare(texts: readonly JudgedText[], signal: AbortSignal): Promise<number[]> {
    const measured = [];
    for (const batch of batchesOf(texts))
      measured.push(...(await this.#training.compare(batch, signal)));
    this.#matches = [...this.#matches, ...measured].slice(-guardWindow);
    return measured.map(({ live, frozen }) => live - frozen);
  }

  async #publish(signal: AbortSignal): Promise<void> {
    const { state, swap } = this.#options;
    const version = this.#lastVersion + 1;
    const paths = await beginVersion(state.directory, version);
    const weights = await this.#training.weights("average", signal);
    await writeModel(paths.draft, { source: state.base, weights, card }, signal);
    await this.#training.save(paths.training, signal);
    await swap(paths.draft, signal);
    await commitVersion(state, version);
    this.#version = this.#lastVersion = version;
    await removeOthers(state.directory, version);
  }

  /** The draft it began with, and training from its beginning. */
  async #rollBack(signal: AbortSignal): Promise<void> {
    const { state, swap, onRollBack } = this.#options;
    await swap(state.base, signal);
    await commitVersion(state, 0);
    await removeOthers(state.directory, 0);
    await this.#training.close();
    this.#training = await openTraining(state.base, undefined, signal);
    this.#version = 0;
    this.#counts.numRollBacks++;
    onRollBack?.(this.report);
    this.#matches = [];
  }
}

const interruption = new AdaedlError("cancelled", "a request came");
