/** Bytes that came in pieces and leave in others. Pieces are joined only where what is asked for spans several. */

const EMPTY = new Uint8Array(0);

/** A queue of bytes, for whoever cuts a stream into messages. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** Puts bytes at the end. They are not copied: whoever gives them may not change them any more. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** The bytes at the front, at most so many, left where they are. */
  peek(count: number): Uint8Array {
    const first = this.#chunks[0];
    if (first && (first.length >= count || this.#chunks.length === 1)) return first.subarray(0, count);
    this.#join();
    return (this.#chunks[0] ?? EMPTY).subarray(0, count);
  }

  /** Takes exactly so many bytes off the front, or nothing while there are fewer. */
  take(count: number): Uint8Array | undefined {
    if (this.#length < count) return undefined;
    if ((this.#chunks[0]?.length ?? 0) < count) this.#join();
    const first = this.#chunks[0] ?? EMPTY;
    if (first.length === count) this.#chunks.shift();
    else this.#chunks[0] = first.subarray(count);
    this.#length -= count;
    return first.subarray(0, count);
  }

  #join(): void {
    if (this.#chunks.length < 2) return;
    const joined = new Uint8Array(this.#length);
    let offset = 0;
    for (const chunk of this.#chunks) {
      joined.set(chunk, offset);
      offset += chunk.length;
    }
    this.#chunks = [joined];
  }
}
