import { type DraftServicePool, modelOf, type ServedModel } from "../draft-services/pool.ts";

/** `GET /v1/models` @param created seconds since 1970: when this gateway began to serve */
export function modelList(pool: DraftServicePool, created: number): object {
  return { object: "list", data: pool.models.map((model) => modelEntry(model, created)) };
}

/** `GET /v1/models/NAME` @throws AdaedlError `not_found` */
export function modelNamed(pool: DraftServicePool, name: string, created: number): object {
  return modelEntry(modelOf(pool, name), created);
}

function modelEntry(model: ServedModel, created: number): object {
  return {
    id: model.id,
    object: "model",
    created,
    owned_by: "adaedl",
    meta: {
      n_ctx: model.contextLength,
      draft_model: model.draftModelId || null,
      draft_n_ctx: model.draftContextLength || null,
      draft_shared_vocabulary: model.sharedVocabulary,
      draft_has_other_vocabulary: model.hasOtherVocabulary,
      default_policy: model.defaultPolicy,
      has_chat_template: model.hasChatTemplate,
      weights: model.targetWeights || null,
      n_params: model.numTargetParameters || null,
      draft_n_params: model.numDraftParameters || null,
      round_trip_ms: model.roundTripMs || null,
      emulated_draft_ms: model.emulatedDraftMs || null,
      emulated_target_ms: model.emulatedTargetMs || null,
    },
  };
}
