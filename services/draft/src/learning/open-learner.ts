import { AdaedlError, invalidField } from "@adaedl/core";
import {
  type OnlineDirectory,
  type OnlineLearner,
  openOnlineDirectory,
  openOnlineLearner,
} from "@adaedl/learning";
import type { Logger } from "@adaedl/telemetry";
import type { DraftModel } from "../drafting/draft-model.ts";
import type { TargetTokenizer } from "../drafting/target-tokenizer.ts";
import type { DraftServiceOptions } from "../options.ts";

/**
 * What a draft model learnt before.
 * @returns undefined where it is not to learn
 * @throws AdaedlError `invalid_argument` without a draft model; what `openOnlineDirectory` does
 */
export async function openLearnt(
  { learn, draft }: DraftServiceOptions,
  logger: Logger,
): Promise<OnlineDirectory | undefined> {
  if (learn === undefined) return undefined;
  if (draft === undefined)
    throw invalidField("learn", learn, "must be absent without a draft model");
  const learnt = await openOnlineDirectory(learn, draft.directory);
  const { problem, version } = learnt;
  if (problem !== undefined)
    logger.warn({ learn, problem }, "what the draft model learnt cannot be used: it begins anew");
  else if (version > 0) logger.info({ learn, version }, "the draft model goes on learning");
  return learnt;
}

/** @throws AdaedlError `failed_precondition` where draft and target differ in their tokens, or it cannot be trained */
export async function openLearner(
  state: OnlineDirectory,
  model: DraftModel,
  vocabulary: TargetTokenizer["vocabulary"],
  logger: Logger,
  signal: AbortSignal | undefined,
): Promise<OnlineLearner> {
  if (vocabulary?.isSame === false)
    throw new AdaedlError(
      "failed_precondition",
      "a draft model that learns must have the target's vocabulary, got another one",
      { field: "learn", value: state.directory },
    );
  return openOnlineLearner(
    {
      state,
      swap: model.replace,
      onRollBack: ({ live, frozen }) =>
        logger.warn(
          { live, frozen },
          "the draft model is as before it learnt: that matched more often",
        ),
      onFailure: (error) =>
        logger.error(
          { error: error.message },
          "the draft model learns no more; it drafts as it is",
        ),
    },
    signal,
  );
}

/** Absent where nothing learns. */
export function learningMetrics(learner: OnlineLearner | undefined) {
  if (learner === undefined) return {};
  const { version, numSteps, numRollBacks, live, frozen } = learner.report;
  return {
    learning_version: version,
    learning_steps_total: numSteps,
    learning_rollbacks_total: numRollBacks,
    learning_live_match_ratio: live,
    learning_frozen_match_ratio: frozen,
  };
}
