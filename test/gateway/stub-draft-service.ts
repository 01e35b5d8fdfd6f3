import { once } from "node:events";
import {
  type GenerateEvent,
  type GenerationFinished,
  generationService,
  openGrpcServer,
} from "@adaedl/protocol";
import { model } from "./ask-gateway.ts";

/** A draft service without models: its generations bring some tokens, and go on until they are ended, or end. */
export interface StubDraftService extends AsyncDisposable {
  readonly address: string;
  /** Generations that have begun, and those that have not ended. */
  readonly numBegun: number;
  readonly numRunning: number;
  /** Tokens of all of them. */
  readonly numTokens: number;
}

export interface StubOptions {
  /** That a generation brings before it hangs; without end: Infinity. */
  readonly numTokens: number;
  /** What each of them is. */
  readonly text?: string;
  /** Whether a generation ends after them. */
  readonly ends?: boolean;
  /** What its first generation fails with, before a token. */
  readonly firstFailure?: Error;
  /** That it says it takes. */
  readonly maxRequests?: number;
  /** Precision of its target, as it says. */
  readonly targetWeights?: string;
}

const started: GenerateEvent = {
  type: "started",
  numPromptTokens: 1,
  promptTokenIds: [],
  promptText: "",
  policy: "none",
  verification: "shared-noise",
  seed: 1,
  temperature: 1,
  maxTokens: 511,
};

const finished: GenerationFinished = {
  type: "finished",
  finishReason: "length",
  numPromptTokens: 1,
  numOutputTokens: 0,
  statistics: {
    ...{ numCommits: 1, numDrafted: 0, numAccepted: 0, numReopened: 0, numRoundTrips: 1 },
    ...{ acceptedBy: {}, numVerifierDrafted: 0, numVerifierAccepted: 0 },
    ...{ numTargetForwards: 1, numDraftForwards: 0 },
    ...{ bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 },
    ...{ draftMs: 0, queueMs: 0, verifyMs: 1, networkMs: 0, durationMs: 1 },
    fallbackTokens: {} as GenerationFinished["statistics"]["fallbackTokens"],
  },
};

export async function startStubDraftService(options: StubOptions): Promise<StubDraftService> {
  const { text = "x", maxRequests = 64, targetWeights = "f32" } = options;
  const token: GenerateEvent = { type: "token", tokenId: 5, origin: "bonus", text };
  let numBegun = 0;
  let numRunning = 0;
  let numTokens = 0;
  const description = {
    draftModelId: "stub",
    targetModelId: model,
    targetWeights,
    defaultPolicy: "none",
    contextLength: 512,
    draftContextLength: 512,
    hasChatTemplate: false,
    maxRequests,
    numDraftParameters: 0,
    numTargetParameters: 0,
    roundTripMs: 0,
    emulatedDraftMs: "",
    emulatedTargetMs: "",
    sharedVocabulary: 1,
    hasOtherVocabulary: false,
  };
  const service = generationService(
    {
      describe: () => description,
      async *generate(_, { signal }) {
        numBegun++;
        numRunning++;
        try {
          if (numBegun === 1 && options.firstFailure !== undefined) throw options.firstFailure;
          yield started;
          for (let index = 0; index < options.numTokens && !signal.aborted; index++) {
            numTokens++;
            yield token;
          }
          if (options.ends) return yield { ...finished, numOutputTokens: options.numTokens };
          if (!signal.aborted) await once(signal, "abort");
          throw signal.reason;
        } finally {
          numRunning--;
        }
      },
    },
    10_000,
  );
  const server = await openGrpcServer({ listen: "127.0.0.1:0" }, [service]);
  server.setServing(true);
  return {
    address: server.address,
    get numBegun() {
      return numBegun;
    },
    get numRunning() {
      return numRunning;
    },
    get numTokens() {
      return numTokens;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}
