import * as z from "zod/mini";
import { parseComponent } from "./component.ts";

/** Special token ids before and after a text. */
export interface SpecialIds {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const tokenWithId = z.tuple([z.string(), z.int().check(z.nonnegative())]);
const template = z.object({
  type: z.literal("TemplateProcessing"),
  single: z.array(
    z.union([
      z.object({ SpecialToken: z.object({ id: z.string() }) }),
      z.object({ Sequence: z.object({ id: z.literal("A") }) }),
    ]),
  ),
  special_tokens: z.record(z.string(), z.object({ ids: z.array(z.int().check(z.nonnegative())) })),
});
const simplePart = z.discriminatedUnion("type", [
  z.object({ type: z.literal("BertProcessing"), cls: tokenWithId, sep: tokenWithId }),
  z.object({ type: z.literal("ByteLevel") }),
  z.object({ type: z.literal("RobertaProcessing"), cls: tokenWithId, sep: tokenWithId }),
  template.check(
    z.refine(({ single }) => single.filter((item) => "Sequence" in item).length === 1, {
      path: ["single"],
      error: "must have the sequence A once",
    }),
    z.refine(
      ({ single, special_tokens: known }) =>
        single.every((item) => "Sequence" in item || Object.hasOwn(known, item.SpecialToken.id)),
      { path: ["special_tokens"], error: "must have every token of single" },
    ),
  ),
]);
type SimplePart = z.infer<typeof simplePart>;
interface Sequence {
  type: "Sequence";
  processors: (SimplePart | Sequence)[];
}
const postProcessorSchema: z.ZodMiniType<SimplePart | Sequence> = z.lazy(() =>
  z.discriminatedUnion("type", [...simplePart.def.options, sequence]),
);
const sequence = z.object({
  type: z.literal("Sequence"),
  processors: z.array(postProcessorSchema),
});

/**
 * Reads from the post-processor of tokenizer.json which ids it adds to a text; null adds none.
 * @throws Error that names the field, for a component that is unknown or malformed
 */
export function readSpecialIds(component: unknown): SpecialIds {
  if (component === null) return { before: [], after: [] };
  return specialIdsOf(parseComponent("post_processor", postProcessorSchema, component));
}

function specialIdsOf(part: SimplePart | Sequence): SpecialIds {
  switch (part.type) {
    case "ByteLevel":
      return { before: [], after: [] };
    case "BertProcessing":
    case "RobertaProcessing":
      return { before: [part.cls[1]], after: [part.sep[1]] };
    case "Sequence":
      return part.processors.map(specialIdsOf).reduce(
        (inner, outer) => ({
          before: [...outer.before, ...inner.before],
          after: [...inner.after, ...outer.after],
        }),
        { before: [], after: [] },
      );
    case "TemplateProcessing": {
      const index = part.single.findIndex((item) => "Sequence" in item);
      const idsOf = (items: typeof part.single) =>
        items.flatMap((item) =>
          "SpecialToken" in item ? (part.special_tokens[item.SpecialToken.id]?.ids ?? []) : [],
        );
      return { before: idsOf(part.single.slice(0, index)), after: idsOf(part.single.slice(index)) };
    }
  }
}
