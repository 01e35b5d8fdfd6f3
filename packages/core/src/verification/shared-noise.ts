import { probsOf } from "../sampling/distribution.ts";
import type { NoiseKey } from "../sampling/noise.ts";
import type { RoundPlace, VerificationRule } from "./rule.ts";

/**
 * Draft and target both take the argmax of their own log-probabilities plus the *same* noise of
 * (seed, position, token). The target's choice is the text; a guess is accepted when it equals it.
 *
 * The text is a function of seed and target alone: no draft, draft length, stopping rule, batch or
 * fault can show in it, and a lying draft service cannot move it.
 */
export const sharedNoise: VerificationRule = {
  name: "shared-noise",
  guess(draft, place, random) {
    return random.chooseGuess(draft, sharedNoiseKey(place));
  },
  propose(draft, place, random, count) {
    const { probOf } = probsOf(draft);
    const ranked = random.chooseCandidates(draft, sharedNoiseKey(place), count);
    return ranked.map(({ tokenId, behind }) => ({ tokenId, prob: probOf(tokenId), behind }));
  },
  judge(target, guess, place, random) {
    const tokenId = random.chooseToken(target, sharedNoiseKey(place));
    return { tokenId, isAccepted: guess?.tokenId === tokenId };
  },
};

/** The round does not enter: a position that is drafted again meets the same noise. */
export function sharedNoiseKey({ position }: Pick<RoundPlace, "position">): NoiseKey {
  return { purpose: "token", position, roundStart: 0 };
}
