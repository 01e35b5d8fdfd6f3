import { randomInt, randomUUID } from "node:crypto";
import { AdaedlError, type PolicyMemory, parsePolicy, strategyOf } from "@adaedl/core";
import {
  type GenerationParts,
  type GenerationRequest,
  generate,
  parseGenerationRequest,
  type TargetFacts,
} from "@adaedl/engine";
import {
  type CallContext,
  type DraftServiceDescription,
  type GenerateEvent,
  type GenerateRequest,
  protocolVersion,
} from "@adaedl/protocol";
import { type DraftMetrics, type Logger, noTracer, type Tracer } from "@adaedl/telemetry";
import type { DraftModel } from "../drafting/draft-model.ts";
import { openSafeDrafter } from "../drafting/safe-drafter.ts";
import {
  openRemoteVerifier,
  type RemoteTimeouts,
  type RemoteVerifier,
} from "../verifiers/remote-verifier.ts";
import type { VerifierPool } from "../verifiers/verifier-pool.ts";
import { encodePrompt } from "./encode-prompt.ts";
import { createGenerationMeter, reprefillReason } from "./generation-meter.ts";
import { spellCommit, spellFrontier, spellToken } from "./spell.ts";
import { statisticsOf } from "./statistics.ts";
import { traceRound } from "./trace-rounds.ts";

/** What generations are made with. */
export interface GenerationHandlerParts {
  readonly facts: TargetFacts;
  /** Draft tokens are below this id. */
  readonly numDraftTokenIds: number;
  readonly model: DraftModel;
  readonly pool: VerifierPool;
  readonly timeouts: RemoteTimeouts;
  readonly description: DraftServiceDescription;
  readonly logger: Logger;
  /** Absent where nobody reads them. */
  readonly metrics?: DraftMetrics | undefined;
  readonly tracer?: Tracer | undefined;
}

/** One request from check to last event. Whatever ends the iteration ends the work. */
export async function* runGeneration(
  parts: GenerationHandlerParts,
  policyMemory: PolicyMemory,
  wire: GenerateRequest,
  context: CallContext,
): AsyncGenerator<GenerateEvent> {
  const { facts, model, pool, timeouts, logger, description, metrics } = parts;
  const { tracer = noTracer } = parts;
  const promptTokenIds = await encodePrompt(wire.prompt, facts, context.signal);
  // Without a seed one is drawn, small enough to be typed again.
  const {
    prompt: _,
    seed = randomInt(2 ** 32),
    policy = defaultPolicyOf(wire, description),
    wantsDetails = false,
    wantsPrompt = false,
    ...fields
  } = wire;
  const asked: GenerationRequest = { ...fields, promptTokenIds, seed, policy };
  const valid = parseGenerationRequest(asked, facts);
  const maxDraft = Math.min(valid.maxDraft, pool.description.limits.maxDraftLength);
  const isSpeculative = strategyOf(valid.policy, maxDraft) !== undefined;
  yield {
    type: "started",
    numPromptTokens: promptTokenIds.length,
    promptTokenIds: wantsPrompt ? promptTokenIds : [],
    promptText: wantsPrompt ? facts.tokenizer.decode(promptTokenIds) : "",
    policy: isSpeculative ? valid.policy.spec : "none",
    verification: valid.verification,
    seed,
    temperature: valid.sampling.temperature,
    maxTokens: valid.maxTokens,
  };

  const span = tracer.start("adaedl.v1.Generation/Generate", {
    parent: context.traceparent,
    kind: "server",
    attributes: { "rpc.system": "grpc", "gen_ai.request.model": description.targetModelId },
  });
  let verifier: RemoteVerifier | undefined;
  const generation: GenerationParts = {
    facts,
    policyMemory,
    openVerifier({ maxTokens }, { settings, endTokenIds }) {
      const { sampling, seed, verification } = settings;
      const { wantsLogprobs = false, numTopLogprobs = 0 } = settings;
      verifier = openRemoteVerifier(
        pool,
        {
          sessionId: context.requestId ?? randomUUID(),
          protocolVersion: protocolVersion,
          vocabulary: pool.description.vocabulary,
          modelId: description.targetModelId,
          promptTokenIds,
          sampling,
          seed,
          verification,
          maxTokens,
          endTokenIds: [...endTokenIds],
          wantsLogprobs,
          numTopLogprobs,
        },
        {
          ...timeouts,
          tracer,
          traceparent: span.traceparent,
          onReopen: (why) => metrics?.reprefilled(reprefillReason(why)),
        },
        logger,
        context,
      );
      return verifier;
    },
    openDrafter(settings, width, signal) {
      const { numDraftTokenIds } = parts;
      return openSafeDrafter(model, { ...settings, numDraftTokenIds }, width, logger, signal);
    },
  };
  const isMeasured = metrics !== undefined || span.isOn;
  const details = wantsDetails ? "all" : isMeasured ? "commits" : undefined;
  const request = { ...asked, maxDraft, details } as const;
  const wantsBytes = valid.wantsLogprobs || wantsDetails;
  const meter = createGenerationMeter(metrics, promptTokenIds.length);
  let numOutputTokens = 0;
  let thrown: unknown;
  try {
    for await (const event of generate(generation, request, context.signal)) {
      if (event.type === "frontier") {
        yield spellFrontier(event, facts.tokenizer);
        continue;
      }
      meter.onEvent(event);
      if (event.type === "commit") {
        traceRound(event, tracer, span);
        if (wantsDetails) yield spellCommit(event, facts.tokenizer);
      } else if (event.type === "token") {
        numOutputTokens++;
        yield spellToken(event, facts.tokenizer, wantsBytes);
      } else {
        const { finishReason } = event;
        const statistics = statisticsOf(event, verifier?.costs ?? noCosts);
        const numPromptTokens = promptTokenIds.length;
        span.set({
          "gen_ai.usage.input_tokens": numPromptTokens,
          "gen_ai.usage.output_tokens": numOutputTokens,
          "adaedl.num_drafted": statistics.numDrafted,
          "adaedl.num_accepted": statistics.numAccepted,
        });
        yield { type: "finished", finishReason, numPromptTokens, numOutputTokens, statistics };
      }
    }
  } catch (error) {
    thrown = error;
    throw error;
  } finally {
    meter.onEnd(thrown);
    span.end(thrown === undefined ? undefined : AdaedlError.from(thrown));
  }
}

const noCosts = { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 };

/** Of a request that names none: a stream is exact under shared noise only. Undefined: the engine's. */
function defaultPolicyOf(
  { verification }: GenerateRequest,
  { defaultPolicy }: DraftServiceDescription,
): string | undefined {
  const policy = parsePolicy(defaultPolicy);
  const isStream = policy.family === "stream" && policy.drafting !== undefined;
  return isStream && verification === "rejection" ? undefined : defaultPolicy;
}
