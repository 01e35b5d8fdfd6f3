// The promise of the project, on the real models: for a seed, the text is the target's own, whatever
// drafts, how long the drafts are and who stops them.
import { type DrafterKind, drafterKinds, parsePolicy, policyDefinitions } from "@adaedl/core";
import { type GenerationEvent, openSpeculator, type Speculator } from "@adaedl/engine";
import { type ExamplePairName, examplePair, examplePrompts } from "@adaedl/example-models";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const numPrompts = 10; // of each pair
const maxTokens = 200;
const temperatures = [0, 0.7, 1.3];
const patient = { timeout: 300_000 };
const drafterSets: readonly (readonly DrafterKind[])[] = [
  ...drafterKinds.filter((kind) => kind !== "model").map((kind) => [kind]),
  drafterKinds,
];

interface Run {
  readonly tokenIds: readonly number[];
  readonly numDrafted: number;
  readonly numAccepted: number;
}

async function run(
  speculator: Speculator,
  prompt: string,
  temperature: number,
  policy: string,
  numTokens = maxTokens,
): Promise<Run> {
  const promptTokenIds = speculator.facts.tokenizer.encode(prompt);
  const sampling = { temperature, topP: 1 };
  const common = { promptTokenIds, maxTokens: numTokens, seed: 2024, ignoreEos: true };
  const request = { ...common, sampling, policy };
  const events: GenerationEvent[] = [];
  for await (const event of speculator.generate(request)) events.push(event);
  const last = events.at(-1);
  if (last?.type !== "finished") throw new Error("the generation did not finish");
  const { numDrafted, numAccepted } = last.statistics;
  const tokenIds = events.flatMap((event) => (event.type === "token" ? [event.tokenId] : []));
  return { tokenIds, numDrafted, numAccepted };
}

describe.each<ExamplePairName>(["storyteller", "coder"])("%s", (pair) => {
  const { target, draft } = examplePair(pair);
  const prompts = examplePrompts(pair).slice(0, numPrompts);
  const model = (directory: string) => ({ directory, numThreads: 1 });
  let withDraft: Speculator;
  let withoutDraft: Speculator;
  let withItself: Speculator;
  /** By the names of the drafters: each goes on learning from one text to the next. */
  let withDrafters: ReadonlyMap<string, Speculator>;

  beforeAll(async () => {
    withDraft = await openSpeculator({ target: model(target), draft: model(draft) });
    const { facts } = withDraft;
    withoutDraft = await openSpeculator({ target: model(target), facts });
    withItself = await openSpeculator({ target: model(target), draft: model(target), facts });
    const openWith = async (drafters: readonly DrafterKind[]) => {
      const own = drafters.includes("model") ? model(draft) : undefined;
      return openSpeculator({ target: model(target), draft: own, drafters, facts });
    };
    withDrafters = new Map(
      await Promise.all(
        drafterSets.map(async (drafters) => [drafters.join(), await openWith(drafters)] as const),
      ),
    );
  }, patient.timeout);
  afterAll(async () => {
    const all = [withDraft, withoutDraft, withItself, ...(withDrafters?.values() ?? [])];
    await Promise.all(all.map((one) => one?.close()));
  });

  it.each(temperatures)("writes the same tokens at temperature %f", patient, async (t) => {
    let numStreamed = 0;
    // Side by side, so that texts share their steps; what shares a step must not show either.
    await Promise.all(
      prompts.map(async (prompt) => {
        const plain = await run(withDraft, prompt, t, "none");
        expect(plain.tokenIds).toHaveLength(maxTokens);
        expect(plain.numDrafted).toBe(0);

        const inRounds = ["static:1", "static:7", "adaedl"].map(async (policy) => {
          const drafted = await run(withDraft, prompt, t, policy);
          expect(drafted.tokenIds, `${policy} after ${prompt}`).toEqual(plain.tokenIds);
          expect(drafted.numDrafted).toBeGreaterThan(0);
        });
        const [streamed, alone, itself] = await Promise.all([
          run(withDraft, prompt, t, "stream"),
          run(withoutDraft, prompt, t, "adaedl"),
          run(withItself, prompt, t, "static:7"),
          ...inRounds,
        ]);
        expect(streamed.tokenIds, `stream after ${prompt}`).toEqual(plain.tokenIds);
        numStreamed += streamed.numAccepted;

        expect(alone.tokenIds, `no draft model after ${prompt}`).toEqual(plain.tokenIds);
        expect(alone.numDrafted).toBe(0);

        expect(itself.tokenIds, `its own draft after ${prompt}`).toEqual(plain.tokenIds);
        expect(itself.numAccepted).toBe(itself.numDrafted);
      }),
    );
    expect(numStreamed).toBeGreaterThan(0);
  });

  it.each(temperatures)("does so at temperature %f whoever drafts", patient, async (t) => {
    const [prompt = ""] = prompts;
    const plain = await run(withDraft, prompt, t, "none", 80);
    const names = policyDefinitions.map(({ name }) => (name === "static" ? "static:3" : name));
    const policies = [
      ...[...names, "adaedl:test=before,lambda=0.3", "adaedl:gamma=auto"],
      ...["stream:candidates=1,width=1", "stream:bound=0.3,depth=4", "stream:chances=adaedl"],
    ];
    for (const [drafters, speculator] of withDrafters) {
      const drafted = await run(speculator, prompt, t, "stream", 80);
      expect(drafted.tokenIds, drafters).toEqual(plain.tokenIds);
    }
    await Promise.all(
      policies.map(async (policy) => {
        const drafted = await run(withDraft, prompt, t, policy, 80);
        expect(drafted.tokenIds, policy).toEqual(plain.tokenIds);
        const parsed = parsePolicy(policy);
        // A draft that is withheld may be all there is, and a stream's may come too late.
        if (parsed.family === "rounds" && parsed.stopping.withholds === undefined)
          expect(drafted.numDrafted, policy).toBeGreaterThan(0);
      }),
    );
  });

  it("writes other tokens for another seed or temperature", async () => {
    const [prompt = ""] = prompts;
    const cool = await run(withDraft, prompt, 0.7, "none");
    const hot = await run(withDraft, prompt, 1.3, "none");
    expect(hot.tokenIds).not.toEqual(cool.tokenIds);
  });
});
