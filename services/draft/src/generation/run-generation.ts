import { randomUUID } from "node:crypto";
import { AdaedlError, type PolicyMemory } from "@adaedl/core";
import {
  type DrafterFactory,
  type GenerationFinished,
  type GenerationParts,
  type GenerationRequest,
  generate,
  type TargetFacts,
} from "@adaedl/engine";
import type { OnlineLearner } from "@adaedl/learning";
import {
  type CallContext,
  type DraftServiceDescription,
  type GenerateEvent,
  type GenerateRequest,
  protocolVersion,
  type SpeculationStatistics,
  type Traffic,
} from "@adaedl/protocol";
import { type Logger, noTracer, type Span, type Tracer } from "@adaedl/telemetry";
import { SupervisedRequest } from "../learning/supervised-request.ts";
import { openRemoteVerifier, type RemoteTimeouts } from "../verifiers/remote-verifier.ts";
import type { VerifierPool } from "../verifiers/verifier-pool.ts";
import { checkRequest } from "./check-request.ts";
import { createGenerationMeter, reprefillReason } from "./generation-meter.ts";
import { type DraftMetrics, observeText } from "./observe-text.ts";
import type { createSharedPrompts } from "./shared-prompts.ts";
import { spellCommit, spellFrontier, spellToken } from "./spell.ts";

/** What generations are made with. */
export interface GenerationHandlerParts {
  readonly facts: TargetFacts;
  readonly encodePrompt: ReturnType<typeof createSharedPrompts>;
  /** What drafts, each kind once. */
  readonly drafters: readonly DrafterFactory[];
  readonly pool: VerifierPool;
  /** Absent where the draft does not learn. */
  readonly learner?: OnlineLearner | undefined;
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
  const { facts, drafters, description, learner, metrics, tracer = noTracer } = parts;
  const { wantsDetails = false } = wire;
  const { asked, started, wantsBytes } = await checkRequest(parts, wire, context.signal);
  yield started;

  const span = tracer.start("adaedl.v1.Generation/Generate", {
    parent: context.traceparent,
    kind: "server",
    attributes: { "rpc.system": "grpc", "gen_ai.request.model": description.targetModelId },
  });
  const learning = learner && new SupervisedRequest(learner);
  const traffic: Traffic = { bytesUp: 0, draftTokenBytesUp: 0, bytesDown: 0 };
  const connected = connectVerifier(parts, asked, context, { span, traffic });
  const countPositions = (count: number) => metrics?.count("learning_positions_total", count);
  const generation = {
    facts,
    policyMemory,
    drafters,
    client: context.client,
    observer: observeText(metrics, tracer, span),
    openVerifier: learning?.supervise(connected, countPositions) ?? connected,
  };
  const { numPromptTokens } = started;
  const meter = createGenerationMeter(metrics, numPromptTokens);
  let numOutputTokens = 0;
  let thrown: unknown;
  try {
    const request = { ...asked, wantsDetails };
    for await (const event of generate(generation, request, context.signal)) {
      if (event.type === "frontier") yield spellFrontier(event, facts.tokenizer);
      else if (event.type === "commit") yield spellCommit(event, facts.tokenizer);
      else if (event.type === "token") {
        meter.onToken();
        numOutputTokens++;
        yield spellToken(event, facts.tokenizer, wantsBytes);
      } else {
        const { finishReason } = event;
        meter.onFinished(finishReason);
        const statistics = statisticsOf(event, traffic);
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
    learning?.end();
    meter.onEnd(thrown);
    span.end(thrown === undefined ? undefined : AdaedlError.from(thrown));
  }
}

/** The target at a verifier. */
function connectVerifier(
  { pool, timeouts, logger, metrics, tracer }: GenerationHandlerParts,
  { promptTokenIds }: GenerationRequest,
  context: CallContext,
  { span, traffic }: { readonly span: Span; readonly traffic: Traffic },
): GenerationParts["openVerifier"] {
  return ({ maxTokens }, { settings, endTokenIds, edgeDraftsOnly }) => {
    const { wantsLogprobs = false, numTopLogprobs = 0, numSuccessors = 0, ...more } = settings;
    const { numPromptTokens: _, ...terms } = more;
    return openRemoteVerifier(
      pool,
      {
        ...{ ...terms, promptTokenIds, maxTokens, wantsLogprobs, numTopLogprobs },
        ...{ endTokenIds: [...endTokenIds], edgeDraftsOnly, numSuccessors },
        sessionId: context.requestId ?? randomUUID(),
        protocolVersion,
        vocabulary: pool.description.vocabulary,
        modelId: pool.description.modelId,
        weights: pool.description.weights,
      },
      {
        ...{ ...timeouts, tracer, traffic },
        traceparent: span.traceparent,
        onReopen: (why) => metrics?.countAs("reprefill_total", reprefillReason(why)),
        onStray: () => metrics?.count("stray_messages_total"),
      },
      logger,
      context,
    );
  };
}

/** Waiting for the target was queue and forward there; the rest is the way there and back. */
function statisticsOf(
  { statistics: { waitMs, ...statistics }, numDraftForwards }: GenerationFinished,
  traffic: Traffic,
): SpeculationStatistics {
  const networkMs = Math.max(0, waitMs - statistics.queueMs - statistics.verifyMs);
  return { ...statistics, numDraftForwards, ...traffic, networkMs };
}
