/**
 * Metric points waiting to be sent. Adding happens inside training loops: a call of `log` costs a few stores into typed
 * arrays, looks no key up that stands where it stood last time, and allocates nothing until an array is full. The
 * columns of the wire are made when the points leave, in one pass.
 */
import { endianness } from 'node:os';
import { POINT_BYTES } from '@trialroom/shared/trial/points';

const FIRST_CAPACITY = 256;

/** Points as `shared/trial/points.ts` packs them. */
export interface PackedPoints {
  keys: { key: string; count: number }[];
  payload: Uint8Array;
}

export class PointBuffer {
  readonly #ids = new Map<string, number>();
  readonly #names: string[] = [];
  /** Keys of the newest call in their order, and their ids. */
  #lastKeys: string[] = [];
  #lastIds: number[] = [];
  /** Points that wait of each id. */
  #counts = new Int32Array(FIRST_CAPACITY);
  /** Ids with points that wait, in the order in which they came. */
  #touched: number[] = [];
  /** Of each point: its id, its value and its row. */
  #pointIds = new Int32Array(FIRST_CAPACITY);
  #pointRows = new Int32Array(FIRST_CAPACITY);
  #values = new Float64Array(FIRST_CAPACITY);
  #size = 0;
  /** Of each call: its step and wall time. */
  #steps = new Float64Array(FIRST_CAPACITY);
  #walls = new Float64Array(FIRST_CAPACITY);
  #rows = 0;

  /** Number of points held. */
  get size(): number {
    return this.#size;
  }

  /** Number of keys that were ever added. */
  get keys(): number {
    return this.#names.length;
  }

  /**
   * Adds a point for each key, all of one step and wall time (ms since the epoch); any float64 is a legal value.
   * @returns the first key whose value is no number: then nothing was added
   */
  add(values: Readonly<Record<string, number>>, step: number, wall: number): string | undefined {
    const row = this.#rows;
    if (row === this.#steps.length) this.#growRows();
    const lastKeys = this.#lastKeys;
    const lastIds = this.#lastIds;
    let ids = this.#pointIds;
    let rows = this.#pointRows;
    let numbers = this.#values;
    let at = this.#size;
    let place = 0;
    for (const key in values) {
      const value = values[key];
      if (typeof value !== 'number') return key;
      if (lastKeys[place] !== key) this.#learn(place, key);
      if (at === numbers.length) {
        this.#growPoints();
        ids = this.#pointIds;
        rows = this.#pointRows;
        numbers = this.#values;
      }
      ids[at] = lastIds[place] ?? 0;
      rows[at] = row;
      numbers[at++] = value;
      place++;
    }
    if (place === 0) return undefined;
    this.#size = at;
    this.#steps[row] = step;
    this.#walls[row] = wall;
    this.#rows = row + 1;
    return undefined;
  }

  /** Takes all points out, packed. */
  take(): PackedPoints {
    const size = this.#size;
    const counts = this.#counts;
    const touched = this.#touched;
    const ids = this.#pointIds;
    const rows = this.#pointRows;
    const steps = this.#steps;
    const walls = this.#walls;
    const values = this.#values;
    for (let at = 0; at < size; at++) {
      const id = ids[at] ?? 0;
      if (counts[id] === 0) touched.push(id);
      counts[id] = (counts[id] ?? 0) + 1;
    }
    const packed = new Float64Array((size * POINT_BYTES) / 8);
    const keys: PackedPoints['keys'] = [];
    const begins = new Int32Array(touched.length);
    let begin = 0;
    for (let order = 0; order < touched.length; order++) {
      const id = touched[order] ?? 0;
      const count = counts[id] ?? 0;
      keys.push({ key: this.#names[id] ?? '', count });
      begins[order] = begin;
      begin += count * 3;
      // From here on the count is where the key's next point goes, told apart from a count by being negative.
      counts[id] = -order - 1;
    }
    const filled = new Int32Array(touched.length);
    for (let at = 0; at < size; at++) {
      const order = -(counts[ids[at] ?? 0] ?? 0) - 1;
      const count = keys[order]?.count ?? 0;
      const row = rows[at] ?? 0;
      const to = (begins[order] ?? 0) + (filled[order] ?? 0);
      packed[to] = steps[row] ?? 0;
      packed[to + count] = walls[row] ?? 0;
      packed[to + 2 * count] = values[at] ?? 0;
      filled[order] = (filled[order] ?? 0) + 1;
    }
    for (const id of touched) counts[id] = 0;
    touched.length = 0;
    this.#size = 0;
    this.#rows = 0;
    const payload = new Uint8Array(packed.buffer);
    if (endianness() === 'BE') Buffer.from(packed.buffer).swap64();
    return { keys, payload };
  }

  /** Notes which key stands at this place of a call. */
  #learn(place: number, key: string): void {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#names.length;
      this.#names.push(key);
      this.#ids.set(key, id);
      if (id >= this.#counts.length) this.#counts = grown(this.#counts, Int32Array);
    }
    this.#lastKeys[place] = key;
    this.#lastIds[place] = id;
  }

  #growPoints(): void {
    this.#pointIds = grown(this.#pointIds, Int32Array);
    this.#pointRows = grown(this.#pointRows, Int32Array);
    this.#values = grown(this.#values, Float64Array);
  }

  #growRows(): void {
    this.#steps = grown(this.#steps, Float64Array);
    this.#walls = grown(this.#walls, Float64Array);
  }
}

function grown<A extends Int32Array | Float64Array>(array: A, make: new (length: number) => A): A {
  const larger = new make(array.length * 2);
  larger.set(array);
  return larger;
}
