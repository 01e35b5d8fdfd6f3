export { parseRequestId, parseTraceparent } from "./call-facts.ts";
export type { ChannelOptions } from "./client/channel.ts";
export { checkHealth } from "./client/check-health.ts";
export { type GenerationClient, openGenerationClient } from "./client/generation-client.ts";
export {
  openVerificationClient,
  type Traffic,
  type VerificationClient,
  type VerificationStream,
  type VerificationStreamOptions,
} from "./client/verification-client.ts";
export { type SessionOptions, toVerifierSession } from "./client/verifier-session.ts";
export { verificationServiceName } from "./definitions.ts";
export { isConnectionFailure } from "./errors/rich-status.ts";
export { writeMessage } from "./flow.ts";
export type {
  ChatMessage,
  DraftServiceDescription,
  GeneratedToken,
  GenerateEvent,
  GenerateRequest,
  GenerationCommit,
  GenerationFinished,
  GenerationFrontier,
  Prompt,
  SpeculationStatistics,
  SpelledDraftToken,
  SpelledLogprob,
  Started,
} from "./generation/messages.ts";
export {
  keepalive,
  maxMessageBytes,
  maxRequestBytes,
} from "./limits.ts";
export { localGeneration } from "./local/local-generation.ts";
export { localVerification } from "./local/local-verification.ts";
export {
  openTokenFile,
  type TokenOwner,
  tokenDigest,
} from "./security/bearer-tokens.ts";
export type { PemContents } from "./security/pem-files.ts";
export { readServerPem, type TlsFiles } from "./security/tls-files.ts";
export { defaultGuardLimits } from "./server/call-guard.ts";
export { type GenerationHandler, generationService } from "./server/generation-service.ts";
export { type GrpcServer, type GrpcServerOptions, openGrpcServer } from "./server/grpc-server.ts";
export type { CallContext, ServedService } from "./server/served-service.ts";
export { type VerificationHandler, verificationService } from "./server/verification-service.ts";
export {
  decodeRequestBytes,
  decodeResponseBytes,
  encodeRequestBytes,
  encodeResponseBytes,
} from "./verification/bytes.ts";
export {
  maxOfferBytes,
  maxOpenBytes,
  numericsForm,
  protocolVersion,
} from "./verification/limits.ts";
export type {
  Open,
  ProtocolVersion,
  VerifierDescription,
  VerifierLimits,
  VerifyRequest,
  VerifyResponse,
  Vocabulary,
} from "./verification/messages.ts";
export { maxLogitBiases } from "./wire-fields.ts";
