import * as z from "zod/mini";
import { toByteLetters } from "./byte-letters.ts";
import { parseComponent, patternSchema } from "./component.ts";
import { replaceAll } from "./pattern.ts";

export type Normalize = (text: string) => string;

const bert = z.object({
  type: z.literal("BertNormalizer"),
  clean_text: z.boolean(),
  handle_chinese_chars: z.boolean(),
  strip_accents: z.nullish(z.boolean()),
  lowercase: z.boolean(),
});
const simplePart = z.discriminatedUnion("type", [
  bert,
  z.object({ type: z.literal("ByteLevel") }),
  z.object({ type: z.literal("Lowercase") }),
  z.object({ type: z.enum(["NFC", "NFD", "NFKC", "NFKD"]) }),
  z.object({ type: z.literal("Nmt") }),
  z.object({ type: z.literal("Prepend"), prepend: z.string().check(z.maxLength(1_000)) }),
  z.object({ type: z.literal("Replace"), pattern: patternSchema, content: z.string() }),
  z.object({ type: z.literal("Strip"), strip_left: z.boolean(), strip_right: z.boolean() }),
  z.object({ type: z.literal("StripAccents") }),
]);
type SimplePart = z.infer<typeof simplePart>;
interface Sequence {
  type: "Sequence";
  normalizers: (SimplePart | Sequence)[];
}
const normalizerSchema: z.ZodMiniType<SimplePart | Sequence> = z.lazy(() =>
  z.discriminatedUnion("type", [...simplePart.def.options, sequence]),
);
const sequence = z.object({ type: z.literal("Sequence"), normalizers: z.array(normalizerSchema) });

/**
 * Creates the normalizer that tokenizer.json describes; null changes nothing.
 * @throws Error that names the field, for a component that is unknown or malformed
 */
export function createNormalizer(component: unknown): Normalize {
  if (component === null) return (text) => text;
  return createPart(parseComponent("normalizer", normalizerSchema, component));
}

function createPart(part: SimplePart | Sequence): Normalize {
  switch (part.type) {
    case "Sequence": {
      const parts = part.normalizers.map(createPart);
      return (text) => parts.reduce((normalized, normalize) => normalize(normalized), text);
    }
    case "NFC":
    case "NFD":
    case "NFKC":
    case "NFKD":
      return (text) => checkMarks(text).normalize(part.type);
    case "Replace":
      return (text) => replaceAll(text, part.pattern, part.content);
    case "Prepend":
      return (text) => (text === "" ? "" : part.prepend + text);
    case "Strip": {
      const start = part.strip_left ? /^\p{White_Space}+/u : /(?!)/u;
      const end = part.strip_right ? /(?<!\p{White_Space})\p{White_Space}+$/u : /(?!)/u;
      return (text) => text.replace(start, "").replace(end, "");
    }
    case "StripAccents":
      return (text) => text.replace(/\p{M}/gu, "");
    case "Lowercase":
      return lowercase;
    case "ByteLevel":
      return toByteLetters;
    case "Nmt":
      return (text) => text.replace(NMT_DROPPED, "").replace(NMT_SPACES, " ");
    case "BertNormalizer":
      return createBertNormalizer(part);
  }
}

/** Combining marks in a row; a letter has a few. */
const maxMarks = 1_024;
/** The two that are no marks become some. */
const MARKS = /[\p{M}\uff9e\uff9f]+/gu;

/**
 * Sorting the marks of one letter, as normal forms do, takes the square of their number: 80,000 of them 6 s,
 * in which nothing ends it.
 */
function checkMarks(text: string): string {
  for (const { 0: marks } of text.matchAll(MARKS))
    if (marks.length > maxMarks && [...marks].length > maxMarks)
      throw new Error(`it has more than ${maxMarks} combining marks in a row`);
  return text;
}

const NMT_DROPPED = /(?![\t\n\f\r\0\u0080-\u008e\u0090-\u009e])\p{Cc}/gu;
const NMT_SPACES = /[\t\n\f\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]/gu;
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;

/** Character by character: a sigma at the end of a word is like any other. */
function lowercase(text: string): string {
  let lower = "";
  for (const character of text) lower += character.toLowerCase();
  return lower;
}

function createBertNormalizer(part: z.infer<typeof bert>): Normalize {
  const stripsAccents = part.strip_accents ?? part.lowercase;
  return (text) => {
    let normalized = text;
    if (part.clean_text)
      normalized = normalized
        .replace(/(?![\t\n\r])[\ufffd\p{C}]/gu, "")
        .replace(/\p{White_Space}/gu, " ");
    if (part.handle_chinese_chars) normalized = normalized.replace(CJK, " $& ");
    if (stripsAccents)
      normalized = checkMarks(normalized)
        .normalize("NFD")
        .replace(/\p{Mn}/gu, "");
    return part.lowercase ? lowercase(normalized) : normalized;
  };
}
