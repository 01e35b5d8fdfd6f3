import { TextDecoder } from "node:util";
import * as z from "zod/mini";
import { fromByteLetters } from "./byte-letters.ts";
import { charSchema, parseComponent, patternSchema } from "./component.ts";
import { replaceAll } from "./pattern.ts";

/** Characters that replacements may make of one token. */
const maxTextLength = 1 << 16;
/** No expression, as in all tokenizers published: it would be searched with for each token of each text. */
const literalSchema = patternSchema.check(
  z.refine(({ isLiteral }) => isLiteral, {
    error: 'must be {"String": text}',
  }),
);

/** Turns tokens, as the vocabulary spells them, into text. */
export type Decode = (tokens: readonly string[]) => string;

const count = z.int().check(z.nonnegative());
const metaspace = z.object({
  type: z.literal("Metaspace"),
  replacement: charSchema,
  prepend_scheme: z.optional(z.enum(["first", "never", "always"])),
  add_prefix_space: z.nullish(z.boolean()),
});
const simplePart = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("BPEDecoder"),
    suffix: z._default(z.string().check(z.minLength(1)), "</w>"),
  }),
  z.object({ type: z.literal("ByteFallback") }),
  z.object({ type: z.literal("ByteLevel") }),
  z.object({ type: z.literal("Fuse") }),
  metaspace,
  z.object({ type: z.literal("Replace"), pattern: literalSchema, content: z.string() }),
  z.object({ type: z.literal("Strip"), content: charSchema, start: count, stop: count }),
  z.object({ type: z.literal("WordPiece"), prefix: z.string(), cleanup: z.boolean() }),
]);
type SimplePart = z.infer<typeof simplePart>;
interface Sequence {
  type: "Sequence";
  decoders: (SimplePart | Sequence)[];
}
const decoderSchema: z.ZodMiniType<SimplePart | Sequence> = z.lazy(() =>
  z.discriminatedUnion("type", [...simplePart.def.options, sequence]),
);
const sequence = z.object({ type: z.literal("Sequence"), decoders: z.array(decoderSchema) });

/**
 * Creates the decoder that tokenizer.json describes; null puts spaces between tokens.
 *
 * Unlike the reference, bytes that are no character become one U+FFFD for each maximal part, as
 * in every text decoder: the text of a prefix then stays as it is when more bytes follow.
 *
 * @param addedTokens - are spelled out, whatever their letters stand for
 * @throws Error that names the field, for a component that is unknown or malformed
 */
export function createDecoder(component: unknown, addedTokens: ReadonlySet<string>): Decode {
  if (component === null) return (tokens) => tokens.join(" ");
  const chain = createPart(parseComponent("decoder", decoderSchema, component), addedTokens);
  return (tokens) => chain(tokens).join("");
}

type Chain = (tokens: readonly string[]) => readonly string[];

function createPart(part: SimplePart | Sequence, addedTokens: ReadonlySet<string>): Chain {
  switch (part.type) {
    case "Sequence": {
      const parts = part.decoders.map((inner) => createPart(inner, addedTokens));
      return (tokens) => parts.reduce((decoded, decode) => decode(decoded), tokens);
    }
    case "ByteLevel":
      return (tokens) =>
        joinBytes(tokens, (token) => (addedTokens.has(token) ? undefined : fromByteLetters(token)));
    case "ByteFallback":
      return (tokens) =>
        joinBytes(tokens, (token) => {
          const [, byte] = /^<0x([0-9A-Fa-f]{2})>$/.exec(token) ?? [];
          return byte === undefined ? undefined : [Number.parseInt(byte, 16)];
        });
    case "Fuse":
      return (tokens) => [tokens.join("")];
    case "Replace":
      return (tokens) =>
        tokens.map((token) => replaceAll(token, part.pattern, part.content, maxTextLength));
    case "Strip":
      return (tokens) => tokens.map((token) => strip(token, part));
    case "Metaspace": {
      const addsSpace =
        part.prepend_scheme !== undefined
          ? part.prepend_scheme !== "never"
          : part.add_prefix_space !== false;
      return (tokens) =>
        tokens.map((token, i) =>
          token.replaceAll(part.replacement, () => (i === 0 && addsSpace ? "" : " ")),
        );
    }
    case "BPEDecoder":
      return (tokens) =>
        tokens.map((token, i) => token.replaceAll(part.suffix, i === tokens.length - 1 ? "" : " "));
    case "WordPiece":
      return (tokens) =>
        tokens.map((token, i) => {
          const continues = token.startsWith(part.prefix);
          const rest = continues ? token.slice(part.prefix.length) : ` ${token}`;
          const text = i === 0 ? token : rest;
          return part.cleanup ? cleanUp(text) : text;
        });
  }
}

/** Neighboring tokens that are bytes become the text of all of them. */
function joinBytes(
  tokens: readonly string[],
  bytesOf: (token: string) => number[] | undefined,
): string[] {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  const texts: string[] = [];
  let run: number[] = [];
  const endRun = () => {
    if (run.length > 0) texts.push(utf8.decode(Uint8Array.from(run)));
    run = [];
  };
  for (const token of tokens) {
    const bytes = bytesOf(token);
    if (bytes === undefined) {
      endRun();
      texts.push(token);
    } else run.push(...bytes);
  }
  endRun();
  return texts;
}

function strip(
  token: string,
  { content, start, stop }: { content: string; start: number; stop: number },
): string {
  const characters = [...token];
  let [from, to] = [0, characters.length];
  while (from < start && characters[from] === content) from++;
  while (characters.length - to < stop && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}

const CLEAN_UPS = [
  [" .", "."],
  [" ?", "?"],
  [" !", "!"],
  [" ,", ","],
  [" ' ", "'"],
  [" n't", "n't"],
  [" 'm", "'m"],
  [" do not", " don't"],
  [" 's", "'s"],
  [" 've", "'ve"],
  [" 're", "'re"],
] as const;

function cleanUp(text: string): string {
  return CLEAN_UPS.reduce((cleaned, [from, to]) => cleaned.replaceAll(from, to), text);
}
