import { createNoise, type Noise } from "../../sampling/noise.ts";
import type { Text } from "../../text/text.ts";
import { sharedNoiseKey } from "../../verification/shared-noise.ts";
import { arrivalOf } from "../noisy-shares.ts";
import {
  type FollowEvidence,
  type SuffixChances,
  type SuffixSource,
  suffixSources,
} from "./suffix-chances.ts";
import type { SuffixIndex, SuffixMatch } from "./suffix-index.ts";
import { SuffixMemory, separator, suffixDepth } from "./suffix-memory.ts";

/** A draft token, and how likely it is the target's given those before it. */
export interface SuffixToken {
  readonly tokenId: number;
  /** Above 0 and below 1. */
  readonly chance: number;
}

export interface SuffixDrafterOptions {
  readonly seed: number;
  readonly isGreedy: boolean;
  readonly numPromptTokens: number;
  /** Tokens of the text that are kept. */
  readonly maxTokens: number;
  /** See `SuffixIndex`. */
  readonly salt: number;
  readonly chances: SuffixChances;
  /** Answers to the same client; absent where none are kept. */
  readonly past?: SuffixMemory | undefined;
}

interface SourceMatch {
  readonly source: SuffixSource;
  readonly index: SuffixIndex;
  readonly match: SuffixMatch;
}

/** Tokens after a match are at most so many times its length. */
const factor = 4;
/** Lengths of matches that are tried in an index, from the longest. */
const maxMatches = 3;
/** Tokens of the text that are read at a time: some milliseconds. */
const maxRead = 4096;
/** Less likely continuations are not looked at. */
const leastChance = 0.01;

/**
 * Drafts without a model: what followed the text's last tokens before, in the text itself or in past answers
 * (suffix decoding, Oliaro et al., arXiv 2411.04975). Each match, of whatever length, says how often it was
 * followed by what; its path is followed token by token, and the path that promises most accepted tokens is
 * the draft, of several the one after the longer match and from the text itself.
 *
 * At temperature 0 a path takes the most frequent token. Above, counts are a distribution like a draft
 * model's: the best of log(count) + the noise of the seed and the position, which the target adds too.
 */
export class SuffixDrafter {
  readonly #text: Text;
  readonly #options: SuffixDrafterOptions;
  readonly #memories: { readonly own: SuffixMemory; readonly past: SuffixMemory | undefined };
  #numRead = 0;

  constructor(text: Text, options: SuffixDrafterOptions) {
    this.#text = text;
    this.#options = options;
    const own = new SuffixMemory(options.maxTokens, options.salt);
    this.#memories = { own, past: options.past };
  }

  /**
   * What may follow the text and then `path`, most likely.
   * @param maxLength most tokens
   * @returns none where nothing matches, or a long prompt is not read yet
   */
  propose(path: readonly number[], maxLength: number): readonly SuffixToken[] {
    if (!this.#read()) return [];
    let best: readonly SuffixToken[] = [];
    let mostAccepted = 0;
    const position = this.#text.length + path.length;
    for (const { source, index, match: longest } of this.#matches(path)) {
      let match: SuffixMatch | undefined = longest;
      for (let number = 0; match !== undefined && number < maxMatches; number++) {
        const longestPath = Math.min(maxLength, factor * match.length);
        if (mostAccepted >= longestPath) break;
        const at = { source, index, match };
        const { tokens, numAccepted } = this.#follow(at, position, longestPath);
        if (numAccepted > mostAccepted) [best, mostAccepted] = [tokens, numAccepted];
        match = index.shorter(match);
      }
    }
    return best;
  }

  /** Reads what the text has grown by, and learns from it. @returns whether that is all */
  #read(): boolean {
    const { tokenIds, length } = this.#text;
    const end = Math.min(length, this.#numRead + maxRead);
    for (; this.#numRead < end; this.#numRead++) {
      const tokenId = tokenIds[this.#numRead] as number;
      if (this.#numRead >= this.#options.numPromptTokens) this.#learn(this.#numRead, tokenId);
      this.#memories.own.append(tokenId);
    }
    return end === length;
  }

  /** The target put `tokenId` at `position`, up to which the text is read. */
  #learn(position: number, tokenId: number): void {
    const learnt = new Set<SuffixSource>();
    for (const { source, index, match } of this.#matches([])) {
      const follow = learnt.has(source) ? undefined : this.#choose(index, match, position);
      if (follow === undefined) continue;
      learnt.add(source);
      const isRight = index.tokenOf(follow) === tokenId;
      this.#options.chances.observe(evidenceOf(source, index, match, follow), isRight);
    }
  }

  /** The longest matches of what is read and then `path` that anything follows. */
  *#matches(path: readonly number[]) {
    const start = Math.max(0, this.#numRead + path.length - suffixDepth + 1);
    const tail = [...this.#text.tokenIds.slice(start, this.#numRead), ...path];
    for (const source of suffixSources)
      for (const index of this.#memories[source]?.indexes ?? []) {
        const match = followed(index, index.match(tail));
        if (match !== undefined) yield { source, index, match };
      }
  }

  /** The path after a match, as far as it is likely. */
  #follow(
    { source, index, match }: SourceMatch,
    position: number,
    maxLength: number,
  ): { readonly tokens: readonly SuffixToken[]; readonly numAccepted: number } {
    const tokens: SuffixToken[] = [];
    let numAccepted = 0;
    let pathChance = 1;
    let at: SuffixMatch | undefined = match;
    while (at !== undefined && tokens.length < maxLength) {
      const follow = this.#choose(index, at, position + tokens.length);
      if (follow === undefined) break;
      const chance = this.#options.chances.chanceOf(evidenceOf(source, index, at, follow));
      pathChance *= chance;
      if (pathChance < leastChance) break;
      numAccepted += pathChance;
      tokens.push({ tokenId: index.tokenOf(follow), chance });
      at = followed(index, index.extend(at, follow));
    }
    return { tokens, numAccepted };
  }

  /** What follows a match at a position of the text; undefined where nothing does. */
  #choose(index: SuffixIndex, match: SuffixMatch, position: number): number | undefined {
    const { seed, isGreedy } = this.#options;
    let best: number | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    let noise: Noise | undefined;
    for (const follow of index.followsOf(match)) {
      const count = index.countOf(follow);
      if (isGreedy || count === index.totalOf(match)) return realOrNone(index, follow);
      noise ??= createNoise(seed, sharedNoiseKey({ position }));
      const arrival = arrivalOf(index.tokenOf(follow), count, noise);
      if (arrival < earliest) [best, earliest] = [follow, arrival];
    }
    return best === undefined ? undefined : realOrNone(index, best);
  }
}

/** The longest of a match and its shorter ones that any token follows. */
function followed(index: SuffixIndex, match: SuffixMatch | undefined): SuffixMatch | undefined {
  let at = match;
  while (at !== undefined && index.totalOf(at) === 0) at = index.shorter(at);
  return at;
}

function realOrNone(index: SuffixIndex, follow: number): number | undefined {
  return index.tokenOf(follow) === separator ? undefined : follow;
}

function evidenceOf(
  source: SuffixSource,
  index: SuffixIndex,
  match: SuffixMatch,
  follow: number,
): FollowEvidence {
  const [count, total] = [index.countOf(follow), index.totalOf(match)];
  return { source, length: match.length, count, total };
}
