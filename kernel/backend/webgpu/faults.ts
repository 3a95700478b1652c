/**
 * What a graphics card refuses (a tensor larger than it can hold, for one) it says to nobody in particular and later,
 * while the operation itself returns a tensor of arbitrary numbers. It is kept here until somebody reads a value: then
 * it is thrown.
 */
export class Faults {
  readonly #card: string;
  #refusal: string | undefined;
  #lost: string | undefined;
  #left = false;

  constructor(device: GPUDevice, card: string) {
    this.#card = card;
    device.addEventListener('uncapturederror', (event) => {
      // Otherwise it is printed, and so is everything that follows from it.
      event.preventDefault();
      this.#refusal ??= inWords(event.error);
    });
    void device.lost.then(({ message }) => {
      if (!this.#left) this.#lost = message;
    });
  }

  /** The card is given back on purpose. */
  leave(): void {
    this.#left = true;
  }

  /** @throws Error when the card has refused something since the last call, or is gone */
  check(): void {
    if (this.#lost !== undefined) {
      throw new Error(`${this.#card} is gone (${firstLine(this.#lost)}); restart the kernel to use it again`);
    }
    const refusal = this.#refusal;
    if (refusal === undefined) return;
    this.#refusal = undefined;
    throw new Error(`${this.#card} could not do an operation since the last value was read: ${refusal}`);
  }
}

function inWords(error: GPUError): string {
  const message = firstLine(error.message);
  const tooLarge = /Buffer size \((\d+)\).*limit \((\d+)\)/.exec(message);
  if (tooLarge) {
    const [, size = '', limit = ''] = tooLarge;
    return `a tensor of ${megabytes(size)} is larger than it can hold (${megabytes(limit)}). Use a smaller batch or layer`;
  }
  if (error instanceof GPUOutOfMemoryError) {
    return `its memory is full (${message}). Use a smaller batch, or dispose of tensors that are no longer needed`;
  }
  return message;
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
const megabytes = (bytes: string): string => `${Math.round(Number(bytes) / 2 ** 20).toLocaleString('en')} MB`;
