/** Rows of whole numbers in one growing array. Row 0 exists from the start and is nobody's. */
export class IntRows {
  readonly #width: number;
  #cells: Int32Array<ArrayBuffer>;
  #size = 1;

  /** @param width numbers in a row */
  constructor(width: number) {
    this.#width = width;
    this.#cells = new Int32Array(32 * width);
  }

  get size(): number {
    return this.#size;
  }

  get numBytes(): number {
    return this.#cells.byteLength;
  }

  get(row: number, field: number): number {
    return this.#cells[row * this.#width + field] as number;
  }

  set(row: number, field: number, value: number): void {
    this.#cells[row * this.#width + field] = value;
  }

  /** @returns the new row, of zeros */
  add(): number {
    if ((this.#size + 1) * this.#width > this.#cells.length) {
      const larger = new Int32Array(this.#cells.length * 2);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    return this.#size++;
  }
}
