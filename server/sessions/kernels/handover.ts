/**
 * A kernel that was started for nobody, in the hands of who took it. Should it turn out to have been dead already (killed
 * by the system, the news still on its way), another takes its place and is told the same; its owner notices nothing but
 * the wait.
 */
import type { FromKernel, ToKernel } from '@trialroom/shared/kernel/protocol';
import type { KernelLink, LinkOptions } from './link.ts';

/** What the owner of a kernel hears of it. */
export type LinkHandlers = Pick<LinkOptions, 'onReady' | 'onMessage' | 'onEnd'>;

/** What a kernel says when it is ready for work. */
export type Hello = Parameters<LinkHandlers['onReady']>[0];

/** A kernel that was handed over, for its new owner. */
export class Handover implements KernelLink {
  readonly id: string;
  readonly #owner: LinkHandlers;
  readonly #folder: string;
  readonly #startOther: (handlers: LinkHandlers) => KernelLink;
  #link: KernelLink;
  #begun = false;
  /** What it was told since, until it has shown that it lives. */
  #told: { message: ToKernel; payload: Uint8Array | undefined }[] | null = [];

  constructor(options: {
    link: KernelLink;
    owner: LinkHandlers;
    /** Where it is to work. */
    folder: string;
    /** Starts a kernel in that folder. */
    startOther(handlers: LinkHandlers): KernelLink;
  }) {
    this.id = options.link.id;
    this.#link = options.link;
    this.#owner = options.owner;
    this.#folder = options.folder;
    this.#startOther = options.startOther;
  }

  get pid(): number | undefined {
    return this.#link.pid;
  }

  send(message: ToKernel, payload?: Uint8Array): void {
    this.#told?.push({ message, payload });
    this.#link.send(message, payload);
  }

  stop(graceMs?: number): Promise<void> {
    this.#told = null;
    return this.#link.stop(graceMs);
  }

  /** The kernel takes work. */
  ready(hello: Hello): void {
    this.#link.send({ type: 'enter', folder: this.#folder });
    this.#begun = true;
    this.#owner.onReady(hello);
  }

  /** The kernel said something. */
  heard(message: FromKernel, payload: Uint8Array, taken: () => void): void {
    this.#told = null;
    this.#owner.onMessage(message, payload, taken);
  }

  /** The kernel ended. */
  ended(reason: string): void {
    const told = this.#told;
    this.#told = null;
    if (!told) {
      this.#owner.onEnd(reason);
      return;
    }
    this.#link = this.#startOther({
      onReady: (hello) => {
        if (!this.#begun) this.#owner.onReady(hello);
        for (const { message, payload } of told) this.#link.send(message, payload);
      },
      onMessage: this.#owner.onMessage,
      onEnd: this.#owner.onEnd,
    });
  }
}
