import { AdaedlError, invalidField } from "@adaedl/core";
import type { DraftServiceDescription } from "@adaedl/protocol";
import type { Logger } from "@adaedl/telemetry";
import {
  type DraftService,
  type DraftServiceEndpoint,
  type ProbeTimes,
  watchDraftService,
} from "./draft-service.ts";

/** A target model that can be asked for, and how. */
export interface ServedModel extends DraftServiceDescription {
  /** What the OpenAI API calls it: the target's name. */
  readonly id: string;
}

/** The draft services there are. */
export interface DraftServicePool {
  /** Resolves once each was asked for the first time. */
  readonly asked: Promise<unknown>;
  /** By the target model; also those whose services do not answer at the moment. */
  readonly models: readonly ServedModel[];
  /** How many take generations. */
  readonly numServing: number;
  /**
   * The least loaded of those that serve the model and have room.
   * @param tried not these
   * @returns undefined when there is none
   */
  pick(modelId: string, tried: ReadonlySet<DraftService>): DraftService | undefined;
  /** Whether `pick` would find one of whose places this gateway has fewer than half. */
  isHalfFree(modelId: string): boolean;
  close(): void;
}

/** When it is worth trying again: a generation takes about a second. */
export const retryAfterMs = 1_000;

/** @param services at least one; it closes their clients */
export function openDraftServicePool(
  services: readonly DraftServiceEndpoint[],
  times: ProbeTimes,
  logger: Logger,
): DraftServicePool {
  const members = services.map((service) => watchDraftService(service, times, logger));
  let turn = 0;
  const refused = new Set<string>();
  let models: ReadonlyMap<string, ServedModel> = new Map();
  /**
   * By id. Where services differ in the precision of a target, the first one listed of those that have answered counts,
   * as long as any has that precision: a service that starts later must not change the texts of a seed.
   */
  function readModels(): ReadonlyMap<string, ServedModel> {
    const described = members.flatMap(({ address, description }) =>
      description === undefined ? [] : [{ address, description }],
    );
    const next = new Map<string, ServedModel>();
    for (const { description } of described) {
      const { targetModelId: id, targetWeights } = description;
      const served = models.get(id)?.targetWeights;
      const isServed = targetWeights === served && next.get(id)?.targetWeights !== served;
      if (isServed || !next.has(id)) next.set(id, { id, ...description });
    }
    models = next;
    for (const { address, description } of described) {
      const { targetModelId: id, targetWeights } = description;
      const served = models.get(id)?.targetWeights;
      if (served === targetWeights || refused.has(address)) continue;
      refused.add(address); // said once
      const error = `its target ${id} has weights in ${targetWeights}, that of others in ${served}`;
      logger.error({ draftService: address, error }, "the draft service is left out");
    }
    return models;
  }
  const candidates = (modelId: string, maxLoad: number) => {
    const weights = readModels().get(modelId)?.targetWeights;
    return (member: DraftService) =>
      isCandidate(member, modelId, maxLoad) && member.description?.targetWeights === weights;
  };
  return {
    asked: Promise.all(members.map(({ asked }) => asked)),
    get models() {
      return [...readModels().values()];
    },
    get numServing() {
      return members.filter(({ isServing }) => isServing).length;
    },
    pick(modelId, tried) {
      // Where two are loaded alike, they take turns.
      turn = (turn + 1) % members.length;
      const inTurn = [...members.slice(turn), ...members.slice(0, turn)];
      return inTurn
        .filter(candidates(modelId, 1))
        .filter((member) => !tried.has(member))
        .toSorted((one, other) => loadOf(one) - loadOf(other))[0];
    },
    isHalfFree: (modelId) => members.some(candidates(modelId, 0.5)),
    close() {
      for (const member of members) member.close();
    },
  };
}

function isCandidate(member: DraftService, modelId: string, maxLoad: number): boolean {
  const servesModel = member.description?.targetModelId === modelId;
  return member.isServing && servesModel && loadOf(member) < maxLoad;
}

/** The share of what it takes that this gateway has there. */
function loadOf({ numRunning, description }: DraftService): number {
  return numRunning / Math.max(1, description?.maxRequests ?? 1);
}

/**
 * The model a request means: the one it names, or the only one there is.
 * @throws AdaedlError `not_found` naming the models there are, `invalid_argument` where none is named and
 *   there are several, or `unavailable` while none is known
 */
export function modelOf(pool: DraftServicePool, name: string | undefined): ServedModel {
  const { models } = pool;
  if (models.length === 0)
    throw new AdaedlError("unavailable", "no draft service has answered yet", { retryAfterMs });
  const [first] = models;
  const found = name === undefined && models.length === 1 ? first : byId(models, name);
  if (found !== undefined) return found;
  const ids = models.map(({ id }) => id).join(", ");
  if (name === undefined) throw invalidField("model", name, `must be one of ${ids}`);
  const message = `model must be one of ${ids}, got ${JSON.stringify(name)}`;
  throw new AdaedlError("not_found", message, { field: "model", value: name });
}

function byId(models: readonly ServedModel[], name: string | undefined) {
  return models.find(({ id }) => id === name);
}
