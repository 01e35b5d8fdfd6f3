/**
 * Rows of whole numbers, each with a key of its own, first in first out: where there are `maxRows`, a new key takes
 * the oldest one's row. At most `4 * width + 90` bytes a row.
 */
export class KeyedRows {
  readonly #maxRows: number;
  readonly #width: number;
  #cells: Int32Array<ArrayBuffer>;
  readonly #rows = new Map<number, number>();
  /** [rows] */
  readonly #keys: number[] = [];
  /** The row that the next new key takes. */
  #next = 0;

  /**
   * @param maxRows 1 or more
   * @param width numbers in a row
   */
  constructor(maxRows: number, width: number) {
    this.#maxRows = maxRows;
    this.#width = width;
    this.#cells = new Int32Array(Math.min(maxRows, 64) * width);
  }

  get size(): number {
    return this.#keys.length;
  }

  /** The row of a key, to read. [width] */
  read(key: number): Int32Array | undefined {
    const row = this.#rows.get(key);
    return row === undefined ? undefined : this.#cellsOf(row);
  }

  /** The row of a key, to write; of zeros where the key is new. [width] */
  write(key: number): Int32Array {
    return this.read(key) ?? this.#cellsOf(this.#take(key)).fill(0);
  }

  #cellsOf(row: number): Int32Array {
    return this.#cells.subarray(row * this.#width, (row + 1) * this.#width);
  }

  #take(key: number): number {
    const row = this.#next;
    this.#next = (row + 1) % this.#maxRows;
    const oldest = this.#keys[row];
    if (oldest !== undefined) this.#rows.delete(oldest);
    this.#keys[row] = key;
    this.#rows.set(key, row);
    if (row * this.#width < this.#cells.length) return row;
    const larger = new Int32Array(Math.min(2 * this.#cells.length, this.#maxRows * this.#width));
    larger.set(this.#cells);
    this.#cells = larger;
    return row;
  }
}
