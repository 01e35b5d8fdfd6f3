import * as z from "zod/mini";
import { toByteLetters } from "./byte-letters.ts";
import { charSchema, parseComponent, patternSchema } from "./component.ts";
import {
  compilePattern,
  type Piece,
  type SplitBehavior,
  splitBehaviors,
  splitText,
} from "./pattern.ts";

/**
 * Divides a text into the pieces that the model encodes, each by itself. A long text is divided as far
 * as its pieces are read, so that other work has its turn in between.
 * @param isFirst - whether the text begins where the whole input begins
 */
export type PreTokenize = (text: string, isFirst: boolean) => Iterable<string>;

const behavior = z.enum(splitBehaviors);
const metaspace = z
  .object({
    type: z.literal("Metaspace"),
    replacement: charSchema,
    prepend_scheme: z.optional(z.enum(["first", "never", "always"])),
    // Older files have this flag alone.
    add_prefix_space: z.nullish(z.boolean()),
    split: z.nullish(z.boolean()),
  })
  .check(
    z.refine(
      ({ add_prefix_space: adds, prepend_scheme: scheme = "never" }) =>
        adds !== false || scheme === "never",
      { path: ["prepend_scheme"], error: 'must be "never" where add_prefix_space is false' },
    ),
  );
const simplePart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("BertPreTokenizer") }),
  z.object({
    type: z.literal("ByteLevel"),
    add_prefix_space: z.boolean(),
    use_regex: z._default(z.boolean(), true),
  }),
  z.object({ type: z.literal("CharDelimiterSplit"), delimiter: charSchema }),
  z.object({ type: z.literal("Digits"), individual_digits: z.boolean() }),
  z.object({ type: z.literal("FixedLength"), length: z._default(z.int().check(z.positive()), 5) }),
  metaspace,
  z.object({ type: z.literal("Punctuation"), behavior: z._default(behavior, "Isolated") }),
  z.object({
    type: z.literal("Split"),
    pattern: patternSchema,
    behavior,
    invert: z.boolean(),
  }),
  z.object({ type: z.literal("Whitespace") }),
  z.object({ type: z.literal("WhitespaceSplit") }),
]);
type SimplePart = z.infer<typeof simplePart>;
interface Sequence {
  type: "Sequence";
  pretokenizers: (SimplePart | Sequence)[];
}
const preTokenizerSchema: z.ZodMiniType<SimplePart | Sequence> = z.lazy(() =>
  z.discriminatedUnion("type", [...simplePart.def.options, sequence]),
);
const sequence = z.object({
  type: z.literal("Sequence"),
  pretokenizers: z.array(preTokenizerSchema),
});

/**
 * Creates the pre-tokenizer that tokenizer.json describes; null divides nothing.
 * @throws Error that names the field, for a component that is unknown or malformed
 */
export function createPreTokenizer(component: unknown): PreTokenize {
  if (component === null) return (text) => [text];
  const divide = createPart(parseComponent("pre_tokenizer", preTokenizerSchema, component));
  return function* (text, isFirst) {
    for (const piece of divide(text, isFirst)) yield piece.text;
  };
}

type Divide = (text: string, isFirst: boolean) => Iterable<Piece>;

function createPart(part: SimplePart | Sequence): Divide {
  switch (part.type) {
    case "Sequence":
      return inTurn(part.pretokenizers.map(createPart));
    case "Split":
      return (text) => splitText(text, part.pattern, part.behavior, part.invert);
    case "Punctuation":
      return splitAt(PUNCTUATION, part.behavior);
    case "Digits":
      return splitAt(/\p{N}/gu, part.individual_digits ? "Isolated" : "Contiguous");
    case "Whitespace":
      return (text) => splitText(text, WORDS, "Removed", true);
    case "WhitespaceSplit":
      return splitAt(SPACE, "Removed");
    case "BertPreTokenizer":
      return inTurn([splitAt(SPACE, "Removed"), splitAt(PUNCTUATION, "Isolated")]);
    case "CharDelimiterSplit":
      return splitAt(compilePattern({ String: part.delimiter }), "Removed");
    case "FixedLength":
      return splitAt(new RegExp(`[^]{1,${part.length}}`, "gu"), "Isolated");
    case "ByteLevel":
      return function* (text) {
        const spaced = part.add_prefix_space && !text.startsWith(" ") ? ` ${text}` : text;
        const pieces = part.use_regex
          ? splitText(spaced, GPT2_WORDS, "Isolated")
          : [{ text: spaced, start: 0 }];
        for (const { text, start } of pieces) yield { text: toByteLetters(text), start };
      };
    case "Metaspace":
      return divideMetaspace(part);
  }
}

// White_Space and not \s, which takes U+FEFF for a space and U+0085 for none.
const SPACE = /\p{White_Space}/gu;
const PUNCTUATION = /[\p{P}!-/:-@[-`{-~]/gu;
const WORD = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";
const WORDS = new RegExp(`[${WORD}]+|[^${WORD}\\p{White_Space}]+`, "gu");
const GPT2_WORDS = compilePattern({
  Regex: "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
});

function splitAt(pattern: RegExp, behavior: SplitBehavior): Divide {
  return (text) => splitText(text, pattern, behavior);
}

function inTurn(parts: readonly Divide[]): Divide {
  return (text, isFirst) =>
    parts.reduce<Iterable<Piece>>(
      (pieces, divide) => divideEach(pieces, divide, isFirst),
      [{ text, start: 0 }],
    );
}

function* divideEach(pieces: Iterable<Piece>, divide: Divide, isFirst: boolean): Generator<Piece> {
  for (const piece of pieces)
    for (const { text, start } of divide(piece.text, isFirst && piece.start === 0))
      yield { text, start: piece.start + start };
}

function divideMetaspace(part: z.infer<typeof metaspace>): Divide {
  const { replacement, split } = part;
  const scheme = part.prepend_scheme ?? (part.add_prefix_space === false ? "never" : "always");
  const mark = compilePattern({ String: replacement });
  return (text, isFirst) => {
    const marked = text.replaceAll(" ", () => replacement);
    const prepends = scheme === "always" || (scheme === "first" && isFirst);
    const whole = prepends && !marked.startsWith(replacement) ? replacement + marked : marked;
    return split === false ? [{ text: whole, start: 0 }] : splitText(whole, mark, "MergedWithNext");
  };
}
