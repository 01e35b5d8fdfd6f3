/** Nodes times this, plus a code point, are the keys of their children. */
const codePoints = 0x11_0000;

/** Strings by what they begin with, character by character. */
export class PrefixTrie<Value> {
  readonly #children = new Map<number, number>();
  readonly #values: (Value | undefined)[] = [undefined];

  /** The last value of a string counts; the empty string is never found. */
  set(text: string, value: Value): void {
    let node = 0;
    for (const character of text) {
      const key = node * codePoints + (character.codePointAt(0) as number);
      let child = this.#children.get(key);
      if (child === undefined) {
        child = this.#values.push(undefined) - 1;
        this.#children.set(key, child);
      }
      node = child;
    }
    if (node !== 0) this.#values[node] = value;
  }

  /** Calls back for each string that a text has at an index, the shortest first, with where it ends. */
  findAt(text: string, start: number, found: (end: number, value: Value) => void): void {
    let node: number | undefined = 0;
    for (let at = start; at < text.length; ) {
      const codePoint = text.codePointAt(at) as number;
      node = this.#children.get(node * codePoints + codePoint);
      if (node === undefined) return;
      at += codePoint > 0xffff ? 2 : 1;
      const value = this.#values[node];
      if (value !== undefined) found(at, value);
    }
  }
}
