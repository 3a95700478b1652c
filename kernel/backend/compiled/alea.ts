/** The generator that TensorFlow.js draws from, number for number: each random tensor has one of its own, with its own seed. */

/** How many numbers are drawn at a time: in between, the generator's state would be an object for each number. */
export const AHEAD = 512;

/** Uniform numbers in [0, 1): multiply with carry, Baagøe's Alea, which TensorFlow.js seeds with a number's text. */
export class Alea {
  /** The next numbers; drawn with {@link Alea.draw}. */
  readonly numbers = new Float64Array(AHEAD);
  #state: [number, number, number, number];

  constructor(seed: string) {
    const mash = masher();
    const blank = [mash(' '), mash(' '), mash(' ')];
    const [a = 0, b = 0, c = 0] = blank.map((value) => {
      const moved = value - mash(seed);
      return moved < 0 ? moved + 1 : moved;
    });
    this.#state = [a, b, c, 1];
  }

  /** The next numbers, each at least 0 and below 1, in an array that the next call writes anew. */
  draw(): Float64Array {
    const { numbers } = this;
    let [a, b, c, carry] = this.#state;
    for (let index = 0; index < AHEAD; index++) {
      const next = 2091639 * a + carry * 2 ** -32;
      a = b;
      b = c;
      carry = next | 0;
      c = next - carry;
      numbers[index] = c;
    }
    this.#state = [a, b, c, carry];
    return numbers;
  }
}

/** A hash of text to [0, 1) that goes on from what it has read. */
function masher(): (text: string) => number {
  let state = 0xefc8249d;
  return (text) => {
    for (let index = 0; index < text.length; index++) {
      state += text.charCodeAt(index);
      let mixed = 0.02519603282416938 * state;
      state = mixed >>> 0;
      mixed = (mixed - state) * state;
      state = mixed >>> 0;
      state += (mixed - state) * 2 ** 32;
    }
    return (state >>> 0) * 2 ** -32;
  };
}
