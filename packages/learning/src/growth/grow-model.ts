import { planWeights } from "@adaedl/model";
import type { Tensors } from "../optimizer/adam.ts";
import { type Growth, growSpec } from "./grow-spec.ts";
import { growWeights, type ModelPlan, sourceOf } from "./grow-weights.ts";

/** A model's tensors, what they are, and their numbers. */
export interface ModelWeights extends ModelPlan {
  readonly weights: Tensors;
}

/** The tensors of the grown model. @throws AdaedlError as `growSpec` */
export function growPlan({ spec, plan }: ModelPlan, growth: Growth): ModelPlan {
  const grown = growSpec(spec, growth);
  // Biases that the configuration does not announce are in new layers, too.
  return {
    spec: grown,
    plan: planWeights(grown, { has: (name) => plan.has(sourceOf(name, spec)) }),
  };
}

/** A larger model that computes the same logits. @throws AdaedlError as `growSpec` */
export function growModel(model: ModelWeights, growth: Growth): ModelWeights {
  const grown = growPlan(model, growth);
  return { ...grown, weights: growWeights(model, grown, model.weights) };
}
