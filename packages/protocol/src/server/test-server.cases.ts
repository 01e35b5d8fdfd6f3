import { credentials, makeClientConstructor } from "@grpc/grpc-js";
import { Generation, Verification } from "../definitions.ts";
import type { GenerationClient } from "../gen/adaedl/v1/Generation.ts";
import type { VerificationClient } from "../gen/adaedl/v2/Verification.ts";
import type { DraftServiceDescription } from "../generation/messages.ts";
import { maxMessageBytes } from "../limits.ts";
import type { Open, VerifierDescription } from "../verification/messages.ts";
import { type GenerationHandler, generationService } from "./generation-service.ts";
import { type GrpcServer, type GrpcServerOptions, openGrpcServer } from "./grpc-server.ts";
import { type VerificationHandler, verificationService } from "./verification-service.ts";

export const verifierDescription: VerifierDescription = {
  modelId: "target",
  protocolVersion: { major: 2, minor: 0 },
  vocabulary: { size: 100, digest: "aa", tokenizerDigest: "bb" },
  numTokenIds: 128,
  contextLength: 512,
  eosTokenIds: [0, 2],
  defaultSampling: { temperature: 0.7, topK: 20 },
  limits: {
    maxDraftLength: 16,
    maxSessions: 4,
    maxClientTokens: 1_000,
    maxMessageBytes,
    idleTimeoutMs: 30_000,
  },
  numParameters: 8e9,
  emulatedForwardMs: "30+1",
  weights: "f32",
  numerics: "0123456789abcdef",
  requiresSameNumerics: true,
  tokenizerParts: { decoder: "dd" },
};

export const draftServiceDescription: DraftServiceDescription = {
  draftModelId: "draft",
  targetModelId: "target",
  targetWeights: "int8",
  defaultPolicy: "adaedl",
  contextLength: 512,
  draftContextLength: 256,
  hasChatTemplate: true,
  maxRequests: 8,
  numDraftParameters: 6e8,
  numTargetParameters: 8e9,
  roundTripMs: 20.5,
  emulatedDraftMs: "6",
  emulatedTargetMs: "30+1",
  sharedVocabulary: 1,
  hasOtherVocabulary: false,
};

export const opened = {
  type: "opened",
  queueMs: 0,
  verifyMs: 0,
  numForwards: 1,
} as const;

/** An Open of three prompt tokens. */
export const open: Open = {
  type: "open",
  sessionId: "session-1",
  protocolVersion: { major: 2, minor: 0 },
  vocabulary: { size: 100, digest: "aa", tokenizerDigest: "bb" },
  promptTokenIds: [1, 2, 3],
  committedTokenIds: [],
  sampling: {},
  seed: 1,
  verification: "shared-noise",
  maxTokens: 10,
  endTokenIds: [0],
  credit: 35,
  wantsLogprobs: false,
  numTopLogprobs: 0,
  modelId: "",
  edgeDraftsOnly: false,
  weights: "",
  numerics: "",
  numSuccessors: 0,
};

interface TestServerOptions extends Partial<GrpcServerOptions> {
  readonly verification?: Partial<VerificationHandler>;
  readonly generation?: Partial<GenerationHandler>;
  readonly writeTimeoutMs?: number;
}

/** A server on a free port that carries both services; what is not given answers with a default. */
export function startTestServer(options: TestServerOptions = {}): Promise<GrpcServer> {
  const { verification, generation, writeTimeoutMs = 10_000, ...serverOptions } = options;
  return openGrpcServer({ listen: "127.0.0.1:0", ...serverOptions }, [
    verificationService(
      {
        describe: () => verifierDescription,
        getTokenizer: async () => new Uint8Array(),
        verify: async () => {},
        ...verification,
      },
      writeTimeoutMs,
    ),
    generationService(
      { describe: () => draftServiceDescription, async *generate() {}, ...generation },
      writeTimeoutMs,
    ),
  ]);
}

/** Clients as the library makes them, without the limits and manners of our own. */
export function rawClients(address: string) {
  const options = { "grpc.max_send_message_length": -1, "grpc.use_local_subchannel_pool": 1 };
  const open = ({ service }: typeof Verification | typeof Generation) =>
    new (makeClientConstructor(service, ""))(address, credentials.createInsecure(), options);
  const verification = open(Verification) as unknown as VerificationClient;
  const generation = open(Generation) as unknown as GenerationClient;
  return {
    verification,
    generation,
    [Symbol.dispose]() {
      verification.close();
      generation.close();
    },
  };
}

/** A promise and its resolve: for handlers that say what has happened to them. */
export function deferred<T = void>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
