/**
 * Remembers the signatures of the messages that came last, so that none is obeyed twice. There are tens of thousands of
 * them: eight bytes of each are kept in one piece of memory, which is plenty for what nobody without the key can choose.
 */

/** Share of the places that may be taken, so that a search stays short. */
const FULLEST = 0.5;
const SMALLEST = 1024;

/** The last `most` signatures at least, at most twice as many. */
export class Seen {
  readonly #most: number;
  #young = new Table();
  #old = new Table();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Takes a signature in.
   * @param signature in hexadecimal, 16 digits or more
   * @returns false where it was there already
   */
  add(signature: string): boolean {
    const high = Number.parseInt(signature.slice(0, 8), 16);
    const low = Number.parseInt(signature.slice(8, 16), 16);
    if (this.#old.has(high, low) || !this.#young.add(high, low)) return false;
    if (this.#young.size < this.#most) return true;
    this.#old = this.#young;
    this.#young = new Table();
    return true;
  }
}

/** Pairs of 32-bit numbers, by open addressing; 0, 0 stands for a free place. */
class Table {
  size = 0;
  #places = new Uint32Array(2 * SMALLEST);

  has(high: number, low: number): boolean {
    const at = this.#find(high, low);
    return this.#places[at] !== 0 || this.#places[at + 1] !== 0;
  }

  add(high: number, low: number): boolean {
    if (this.has(high, low)) return false;
    if (this.size >= (this.#places.length / 2) * FULLEST) this.#grow();
    this.#put(high, low);
    this.size++;
    return true;
  }

  /** Where a pair is, or would be. */
  #find(high: number, low: number): number {
    const places = this.#places;
    const mask = places.length / 2 - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const at = 2 * place;
      const first = places[at];
      const second = places[at + 1];
      if ((first === high && second === low) || (first === 0 && second === 0)) return at;
    }
  }

  #put(high: number, low: number): void {
    const at = this.#find(high, low);
    this.#places[at] = high;
    this.#places[at + 1] = low;
  }

  #grow(): void {
    const before = this.#places;
    this.#places = new Uint32Array(2 * before.length);
    for (let at = 0; at < before.length; at += 2) {
      const high = before[at] ?? 0;
      const low = before[at + 1] ?? 0;
      if (high !== 0 || low !== 0) this.#put(high, low);
    }
  }
}
