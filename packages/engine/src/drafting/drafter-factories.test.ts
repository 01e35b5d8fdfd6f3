import { type DrafterKind, defaultSamplingParams, SuffixMemory, Text } from "@adaedl/core";
import { expect, onTestFinished, test, vi } from "vitest";
import { createDrafterFactories, defaultDrafters, type TableOptions } from "./drafter-factories.ts";

const sampling = { ...defaultSamplingParams, temperature: 0 };
const settings = { sampling, seed: 1, numPromptTokens: 0, verification: "shared-noise" as const };

test("by default the model drafts, and a table where none stands beside the target, or nothing else is there", () => {
  expect([
    defaultDrafters(true),
    defaultDrafters(true, true),
    defaultDrafters(false, true),
  ]).toEqual([...[["model", "suffix"], ["model"], ["suffix"]]]);
});

/** Opens drafters of one kind; each text says `1 2 3`, and is asked what follows `1 2`. */
function writing(kind: DrafterKind, tables?: TableOptions) {
  const [factory] = createDrafterFactories([kind], undefined, tables);
  return async (client: string) => {
    await using drafter = await factory?.open({ ...settings, client }, 8);
    const text = new Text([1, 2]);
    const proposal = await drafter?.propose(text, 2, [[]], 8);
    text.append(3);
    const commit = { position: 2, tokenIds: [3], numJudged: 0, numAccepted: 0 };
    drafter?.supervise?.(text, { ...commit, successors: [[3]] });
    await drafter?.propose(text, 3, [[]], 8);
    const [place] = proposal && "places" in proposal ? proposal.places : [];
    return place?.candidates.map(({ tokenId }) => tokenId);
  };
}

test.each<DrafterKind>(["suffix", "recycle", "aded"])(
  "%s remembers texts for the same client alone",
  async (kind) => {
    const write = writing(kind);
    expect([await write("a"), await write("b"), await write("a")]).toEqual([[], [], [3]]);
    const forgetful = writing(kind, { pastTokens: 0 });
    expect([await forgetful("a"), await forgetful("a")]).toEqual([[], []]);
  },
);

test("where no past tokens are kept, none are indexed", async () => {
  const append = vi.spyOn(SuffixMemory.prototype, "appendText");
  onTestFinished(() => append.mockRestore());
  await writing("suffix", { pastTokens: 0 })("a");
  expect(append).not.toHaveBeenCalled();
  await writing("suffix")("a");
  expect(append).toHaveBeenCalledOnce();
});

test("aded begins with a corpus, for every client", async () => {
  expect(await writing("aded", { corpus: [7, 1, 2, 9] })("a")).toEqual([9]);
});
