/** A special token as tokenizer.json lists it under `added_tokens`. */
export function addedSpecialToken(id: number, content: string) {
  return {
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
}

/** A post-processor that puts one token in front of every text. */
export function tokenInFront(id: number, content: string) {
  const special = { SpecialToken: { id: content, type_id: 0 } };
  const first = { Sequence: { id: "A", type_id: 0 } };
  const second = { Sequence: { id: "B", type_id: 1 } };
  return {
    type: "TemplateProcessing",
    single: [special, first],
    pair: [special, first, { SpecialToken: { id: content, type_id: 1 } }, second],
    special_tokens: { [content]: { id: content, ids: [id], tokens: [content] } },
  };
}

/** Numbers the pieces in order, first the given ones, then what the merges make of them. */
export function createVocabulary(
  pieces: readonly string[],
  merges: readonly (readonly [string, string])[],
): Record<string, number> {
  const merged = merges.map(([left, right]) => left + right);
  // Two merges may make the same piece, as in real files: it has one id.
  const unique = [...new Set([...pieces, ...merged])];
  return Object.fromEntries(unique.map((piece, id) => [piece, id]));
}

/** Splits "a b" lines into pairs. A line is one merge, the earlier the stronger. */
export function parseMerges(lines: readonly string[]): (readonly [string, string])[] {
  return lines.map((line) => {
    const [left, right] = line.split(" ");
    if (left === undefined || right === undefined) throw new Error(`no merge: "${line}"`);
    return [left, right] as const;
  });
}
