/** JSON in pieces, as it will be sent: a large answer is written as it grows, and never copied as a whole. */
export class WrittenJson {
  readonly pieces: readonly Buffer[];

  constructor(pieces: readonly (Buffer | string)[]) {
    this.pieces = pieces.map((piece) => (typeof piece === "string" ? Buffer.from(piece) : piece));
  }

  get numBytes(): number {
    return this.pieces.reduce((sum, { length }) => sum + length, 0);
  }

  toString(): string {
    return Buffer.concat(this.pieces).toString();
  }
}

/** An object of which some values are written already; those that are undefined are left out. */
export function writeObject(fields: object): WrittenJson {
  const members = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .flatMap(([name, value], index) => {
      const written = value instanceof WrittenJson ? value.pieces : [JSON.stringify(value)];
      return [`${index === 0 ? "" : ","}${JSON.stringify(name)}:`, ...written];
    });
  return new WrittenJson(["{", ...members, "}"]);
}

export function writeList(items: readonly WrittenJson[]): WrittenJson {
  const pieces = items.flatMap(({ pieces }, index) => [index === 0 ? "" : ",", ...pieces]);
  return new WrittenJson(["[", ...pieces, "]"]);
}

/** Characters that become a piece. */
const pieceLength = 1 << 16;

/** An object of lists; what is added to them is kept as bytes. */
export class GrowingLists {
  readonly #lists = new Map<string, { readonly pieces: Buffer[]; last: string }>();
  readonly #others: Record<string, unknown> = {};

  /** @param fields lists go behind those that are there, everything else takes its place */
  add(fields: object): void {
    for (const [name, value] of Object.entries(fields)) {
      if (!Array.isArray(value)) {
        this.#others[name] = value;
        continue;
      }
      const list = this.#lists.get(name) ?? { pieces: [], last: "" };
      this.#lists.set(name, list);
      if (value.length === 0) continue;
      const isFirst = list.pieces.length === 0 && list.last === "";
      list.last += `${isFirst ? "" : ","}${JSON.stringify(value).slice(1, -1)}`;
      if (list.last.length < pieceLength) continue;
      list.pieces.push(Buffer.from(list.last));
      list.last = "";
    }
  }

  write(): WrittenJson {
    const lists = [...this.#lists].map(([name, { pieces, last }]) => [
      name,
      new WrittenJson(["[", ...pieces, `${last}]`]),
    ]);
    return writeObject({ ...this.#others, ...Object.fromEntries(lists) });
  }
}
