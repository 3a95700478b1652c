/**
 * LZ4 frames, in which Arrow files are usually compressed (pandas writes them so). After the frame format 1.6 and the
 * block format of the LZ4 project; check sums are not checked.
 */

const MAGIC = 0x184d2204;

/** Unpacks a frame. @throws RangeError when it is none, or is damaged */
export function decompressLz4Frame(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 7 || view.getUint32(0, true) !== MAGIC) throw new RangeError('no LZ4 frame');
  const flags = bytes[4] ?? 0;
  const hasSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const blockSum = (flags & 0x10) !== 0 ? 4 : 0;
  let at = 6 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0) + 1;
  const out = new Output(hasSize ? Number(view.getBigUint64(6, true)) : bytes.length * 4);
  for (;;) {
    if (at + 4 > bytes.length) throw new RangeError('the LZ4 frame is cut short');
    const head = view.getUint32(at, true);
    at += 4;
    if (head === 0) return out.taken();
    const length = head & 0x7fffffff;
    const block = bytes.subarray(at, at + length);
    if (block.length < length) throw new RangeError('the LZ4 frame is cut short');
    // The highest bit marks a block that did not get smaller and is stored as it is.
    if (head & 0x80000000) out.append(block);
    else unpackBlock(block, out);
    at += length + blockSum;
  }
}

function unpackBlock(block: Uint8Array, out: Output): void {
  let at = 0;
  const more = (first: number): number => {
    let length = first;
    if (first !== 15) return length;
    for (;;) {
      const byte = block[at++];
      if (byte === undefined) throw new RangeError('an LZ4 block is cut short');
      length += byte;
      if (byte !== 255) return length;
    }
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = more(token >> 4);
    if (at + literals > block.length) throw new RangeError('an LZ4 block is cut short');
    out.append(block.subarray(at, at + literals));
    at += literals;
    if (at >= block.length) return;
    const distance = (block[at] ?? 0) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    out.repeat(distance, more(token & 15) + 4);
  }
}

/** Bytes written so far; later ones may repeat them. */
class Output {
  #bytes: Uint8Array;
  #length = 0;

  constructor(size: number) {
    this.#bytes = new Uint8Array(Math.max(64, size));
  }

  append(bytes: Uint8Array): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Copies what was written `distance` bytes ago; the copy may reach into itself. */
  repeat(distance: number, length: number): void {
    if (distance === 0 || distance > this.#length) throw new RangeError('an LZ4 block refers to what is not there');
    this.#grow(length);
    const from = this.#length - distance;
    for (let index = 0; index < length; index++) {
      this.#bytes[this.#length + index] = this.#bytes[from + index] ?? 0;
    }
    this.#length += length;
  }

  taken(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const wider = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + by));
    wider.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = wider;
  }
}
