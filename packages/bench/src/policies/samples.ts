import type { GuessSample } from "./cell.ts";
import type { Repertoire } from "./repertoire.ts";

/** Every first candidate on the true text before it: what acceptance has to do with entropy. */
export function guessSamples({ pair, temperature, tapes = [] }: Repertoire): GuessSample[] {
  return tapes.flatMap(({ places, tokenIds }) =>
    places.map(({ entropy, candidates }, index) => ({
      ...{ pair, temperature, entropy },
      isAccepted: candidates[0]?.tokenId === tokenIds[index],
    })),
  );
}
