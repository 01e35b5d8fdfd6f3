import { AdaedlError } from "@adaedl/core";
import { createTestRandom } from "@adaedl/testing";
import { EdgeActor } from "./edge-actor.ts";
import { LiarActor } from "./liar-actor.ts";
import { drawScenario } from "./scenario.ts";
import { VerifierActor } from "./verifier-actor.ts";
import { Violation, World } from "./world.ts";

/** What became of one seed. */
export interface SimulationResult {
  /** What is wrong; undefined where nothing is. */
  readonly violation: string | undefined;
  /** How often what happened. */
  readonly counts: Readonly<Record<string, number>>;
  /** What happened, a line each; empty unless asked for. */
  readonly trace: readonly string[];
}

/** Every text has ended by then, in virtual milliseconds. */
const deadlineMs = 60_000;

/**
 * Plays the scenario of one seed: edges, networks, verifiers, and what goes wrong with them.
 * Whatever it is, every text is the seed's, each token once, every session ends, and nothing grows
 * without bound.
 */
export function simulate(seed: number, { isTraced = false } = {}): SimulationResult {
  const random = createTestRandom(seed);
  const scenario = drawScenario(random);
  const world = new World(scenario, random.next, isTraced);
  if (isTraced) world.note(JSON.stringify(scenario));
  const verifiers = scenario.verifiers.map(
    (setup, index) => new VerifierActor(world, setup, index),
  );
  const edges = scenario.texts.map((text, index) => new EdgeActor(world, text, verifiers, index));
  for (let liar = 0; liar < scenario.numLiars; liar++)
    new LiarActor(world, random, verifiers[0] as VerifierActor);
  let violation: string | undefined;
  try {
    const isQuiet = world.clock.run(deadlineMs);
    for (const edge of edges) edge.check();
    if (!isQuiet) throw new Violation("something still goes on");
    for (const { name, numSessions } of verifiers)
      if (numSessions > 0) throw new Violation(`${name} holds ${numSessions} sessions`);
  } catch (error) {
    violation = AdaedlError.from(error).message;
    world.note(violation);
  }
  return { violation, counts: world.counts, trace: world.trace };
}
