/**
 * What is loaded while somebody uses it, and for a while after: each id once, however many come at the same time. What
 * cannot be given up yet, since it is not stored, stays until it can.
 */
import { Refusal } from '../http/refusal.ts';

export interface HeldOptions<Loaded> {
  load(id: string): Promise<Loaded>;
  /** Nobody is there any more: makes it safe to unload. False, or a rejection: it has to stay for now. */
  settle(id: string, loaded: Loaded): Promise<boolean>;
  unload(id: string, loaded: Loaded): Promise<void>;
  /** How long it stays loaded after its last user, in ms. */
  linger: number;
  onError(error: unknown): void;
}

interface Entry<Loaded> {
  users: number;
  ready: Promise<Loaded>;
  loaded: Loaded | undefined;
  leaving: NodeJS.Timeout | undefined;
}

export class Held<Loaded> {
  readonly #options: HeldOptions<Loaded>;
  readonly #entries = new Map<string, Entry<Loaded>>();
  #closed = false;

  constructor(options: HeldOptions<Loaded>) {
    this.#options = options;
  }

  /**
   * Loads it, unless it is. It stays until everyone who came has called `release`; calling that twice is harmless.
   * @throws Refusal (503) after {@link close}, or whatever loading throws
   */
  async enter(id: string): Promise<{ loaded: Loaded; release: () => void }> {
    if (this.#closed)
      throw new Refusal(503, { error: 'stopping', message: 'the server is stopping', fix: 'Try again soon.' });
    const entry = this.#entries.get(id) ?? this.#begin(id);
    entry.users++;
    const loaded = await entry.ready;
    let released = false;
    const release = (): void => {
      if (released) return;
      released = true;
      entry.users--;
      this.#leave(id, entry);
    };
    return { loaded, release };
  }

  /** What is loaded now; undefined otherwise. */
  peek(id: string): Loaded | undefined {
    return this.#entries.get(id)?.loaded;
  }

  /** All that is loaded now. */
  all(): Loaded[] {
    return [...this.#entries.values()].flatMap(({ loaded }) => loaded ?? []);
  }

  /** Forgets it without unloading: the next to come loads it anew. What was loaded is the caller's to end. */
  drop(id: string): Loaded | undefined {
    const loaded = this.peek(id);
    this.#entries.delete(id);
    return loaded;
  }

  /** As {@link drop}, once a loading that is under way has ended. */
  async take(id: string): Promise<Loaded | undefined> {
    const entry = this.#entries.get(id);
    this.#entries.delete(id);
    return entry?.ready.catch(() => undefined);
  }

  /** Lets nobody in any more, and unloads everything. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#entries.values()].map(({ ready }) => ready));
    for (const [id, { loaded, leaving }] of this.#entries) {
      clearTimeout(leaving);
      if (loaded !== undefined) await this.#options.unload(id, loaded).catch(this.#options.onError);
    }
    this.#entries.clear();
  }

  #begin(id: string): Entry<Loaded> {
    const entry: Entry<Loaded> = {
      users: 0,
      ready: this.#options.load(id),
      loaded: undefined,
      leaving: undefined,
    };
    this.#entries.set(id, entry);
    entry.ready.then(
      (loaded) => {
        entry.loaded = loaded;
      },
      () => {
        if (this.#entries.get(id) === entry) this.#entries.delete(id);
      },
    );
    return entry;
  }

  #leave(id: string, entry: Entry<Loaded>): void {
    if (entry.users > 0 || this.#closed) return;
    clearTimeout(entry.leaving);
    entry.leaving = setTimeout(() => {
      this.#letGo(id, entry).catch((error: unknown) => {
        this.#options.onError(error);
        this.#leave(id, entry);
      });
    }, this.#options.linger);
    entry.leaving.unref();
  }

  async #letGo(id: string, entry: Entry<Loaded>): Promise<void> {
    const { loaded } = entry;
    if (loaded === undefined) return;
    const may = await this.#options.settle(id, loaded);
    if (entry.users > 0 || this.#closed || this.#entries.get(id) !== entry) return;
    if (!may) return this.#leave(id, entry);
    this.#entries.delete(id);
    await this.#options.unload(id, loaded);
  }
}
