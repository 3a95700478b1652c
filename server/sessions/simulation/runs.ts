/**
 * For the simulation: the session of the notebook, the kernel behind it and the pages that look at it. The session with
 * its order of runs, its log of outputs and its audience is the product's own; only the kernel's process is imagined.
 */
import { isDeepStrictEqual } from 'node:util';
import { cellsOf, sourceOf } from '@trialroom/shared/notebook/document';
import { pino } from 'pino';
import type * as Y from 'yjs';
import type { Blobs } from '../../blobs/blobs.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Hub } from '../../live/hub.ts';
import type { SessionStore } from '../outputs/store.ts';
import { Session } from '../session.ts';
import { shareable } from '../session-view.ts';
import { recordingSink } from '../testing.ts';
import { type Protocol, SimulatedKernel } from './kernel.ts';
import { marksIn, Viewer } from './viewer.ts';

const log = pino({ level: 'silent' });
/** Longer than any world lasts, in ms. */
const NEVER = 2 ** 30;

/** Lets all that is due at once happen: nothing in a session takes time by itself but its store. */
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

export class Runs {
  readonly viewers: Viewer[];
  readonly #notebook: string;
  readonly #store: SessionStore;
  readonly #blobs: Blobs;
  readonly #protocol: Protocol = new Map();
  #session: Session | null = null;
  #doc: Y.Doc | null = null;
  /** The newest last; those before it were stopped or died. */
  #kernels: SimulatedKernel[] = [];
  #started = 0;
  #alive = { on: true };

  constructor(options: { notebook: string; store: SessionStore; blobs: Blobs; people: number }) {
    this.#notebook = options.notebook;
    this.#store = options.store;
    this.#blobs = options.blobs;
    this.viewers = Array.from({ length: options.people }, () => new Viewer());
  }

  get #current(): Session {
    if (!this.#session) throw new Error('the server is not running');
    return this.#session;
  }

  /** The server starts over this document, with what is stored. */
  async start(doc: Y.Doc): Promise<void> {
    const alive = { on: true };
    this.#alive = alive;
    this.#doc = doc;
    const never = new Promise<never>(() => {});
    await this.#store.closeOrphans();
    const open = { doc, reread: async () => {}, edit: () => {}, stored: async () => {}, saved: async () => {} };
    const ports: ConstructorParameters<typeof Session>[1] = {
      store: {
        ...this.#store,
        write: async (batch) => {
          // It takes a while until a store has it, and what a dead server was about to store is not stored.
          for (let hop = 0; hop < 3; hop++) await Promise.resolve();
          return alive.on ? this.#store.write(batch) : never;
        },
      },
      hub: this.#hub(alive),
      documents: {
        open: async () => ({ ...open, release: () => {} }),
        touch: () => {},
        fileState: () => ({ path: 'world.ipynb', state: 'synced', message: null, savedAt: null }),
      },
      trials: recordingSink(),
      blobs: this.#blobs,
      log,
      folderOf: async () => '/',
      backendOf: async () => undefined,
      threads: () => undefined,
      changed: () => {},
      news: () => {},
      detached: false,
      kernelMemoryMb: undefined,
      pool: {
        take: (_folder, handlers) => {
          const kernel = new SimulatedKernel(`k${++this.#started}`, handlers, this.#protocol);
          this.#kernels.push(kernel);
          return kernel;
        },
      },
      interruptGraceMs: NEVER,
      cellLimitMs: undefined,
      stopGraceMs: undefined,
    };
    this.#session = new Session(this.#notebook, ports, await this.#store.load(this.#notebook));
  }

  #hub(alive: { on: boolean }): Hub {
    const emit = (_topic: string, type: string, payload: unknown): void => {
      if (!alive.on || (type !== 'session' && type !== 'output')) return;
      for (const viewer of this.viewers) viewer.hear({ type, payload } as Parameters<Viewer['hear']>[0]);
    };
    return {
      emit: emit as Hub['emit'],
      tell: () => {},
      provide: () => {},
      present: () => [],
      publish: async () => {},
      subscribe: async () => async () => {},
      close: async () => {},
    };
  }

  cellChanged(cell: string, change: 'edited' | 'deleted'): void {
    this.#session?.cellChanged(cell, change);
  }

  /** Someone runs cells, as the document that the server holds has them. */
  async run(cells: readonly string[], person: number): Promise<void> {
    try {
      await this.#current.run(cells, { id: `p${person}`, name: `p${person}`, colour: 'a' });
    } catch (error) {
      // They are not there, or not any more.
      if (!(error instanceof Refusal)) throw error;
    }
    await turn();
  }

  /** Something happens to what runs. */
  async step(kind: 'work' | 'interrupt' | 'replace' | 'die', choice: number): Promise<void> {
    // One that was replaced may have words on their way.
    const kernel = this.#kernels.at(choice % 5 === 0 ? -2 : -1);
    if (kind === 'work') for (let word = 0; word <= choice % 4; word++) kernel?.work(choice + word);
    else if (kind === 'interrupt') this.#current.interrupt();
    else if (kind === 'replace') this.#current.restart();
    else kernel?.die();
    await turn();
  }

  /** All that was said until now is stored and shown. */
  async stored(): Promise<void> {
    await this.#session?.stored();
    await turn();
  }

  arrive(viewer: number): boolean {
    return this.viewers[viewer]?.arrive(() => this.#current.snapshot()) ?? false;
  }

  /** The server ends: gently, or with `hops` turns left, in the middle of storing what was said. */
  async stop(gently: boolean, hops = 0): Promise<void> {
    const session = this.#session;
    this.#session = null;
    if (gently) await session?.close();
    else {
      void session?.stored();
      for (let hop = 0; hop < hops; hop++) await Promise.resolve();
    }
    this.#alive.on = false;
    this.#kernels = [];
    for (const viewer of this.viewers) viewer.disconnect();
  }

  /** The kernel ends what it was given, and all of it is stored. */
  async settle(): Promise<void> {
    for (let busy = true; busy; ) {
      busy = this.#kernels.at(-1)?.work(0, true) ?? false;
      await turn();
      await this.stored();
      const { running, queue, kernel } = this.#current.state;
      busy ||= running !== null || queue.length > 0 || kernel === 'starting';
    }
  }

  /** What is wrong now that all is quiet; empty: nothing. */
  async faults(): Promise<string[]> {
    const session = this.#current;
    const { outputs } = session.snapshot();
    const faults: string[] = [];
    const told = { session: shareable(session.state), outputs };
    this.viewers.forEach((viewer, number) => {
      const { session, outputs } = viewer;
      if (!isDeepStrictEqual({ session, outputs }, told))
        faults.push(`person ${number} sees something else than is true`);
    });
    const stored = await this.#store.load(this.#notebook);
    const kept = Object.fromEntries(stored.map((one) => [one.cell, one.outputs]));
    if (!isDeepStrictEqual(kept, outputs)) faults.push('what is stored is not what is shown');
    for (const { cell, execution, end } of stored) {
      if (end === null) faults.push(`${execution} was never closed`);
      faults.push(...this.#wrongWith(cell, execution, marksIn(outputs[cell] ?? [])));
    }
    const newest = new Map(stored.map(({ cell, execution }) => [cell, execution]));
    return [...faults, ...this.#forgotten(newest), ...this.#untrue(outputs)];
  }

  /** What a cell shows must be what its run said: in order, from the start, and all that anyone saw or was promised. */
  #wrongWith(cell: string, execution: string, shown: string[]): string[] {
    const said = this.#protocol.get(execution);
    if (!said) return shown.length === 0 ? [] : [`${cell} shows words of a run that never was`];
    const faults: string[] = [];
    if (said.cell !== cell) faults.push(`${cell} shows words of ${said.cell}`);
    if (!isDeepStrictEqual(said.marks.slice(0, shown.length), shown)) faults.push(`${cell} does not show what it said`);
    const seen = Math.max(...this.viewers.map((viewer) => viewer.seen.get(execution) ?? 0));
    if (shown.length < said.taken) faults.push(`${cell} lost words that were taken`);
    if (shown.length < seen) faults.push(`${cell} lost words that were seen`);
    return faults;
  }

  /** A run whose words were taken or seen is known, or a later one of its cell; ids of later ones sort after earlier ones. */
  #forgotten(newest: ReadonlyMap<string, string>): string[] {
    return [...this.#protocol]
      .filter(([id, said]) => said.taken > 0 || this.viewers.some(({ seen }) => seen.has(id)))
      .filter(([id, said]) => (newest.get(said.cell) ?? '') < id)
      .map(([id, said]) => `${said.cell} lost all of its run ${id}`);
  }

  /** A cell that is said to be evaluated shows what its text of now gave. */
  #untrue(outputs: ReturnType<Session['snapshot']>['outputs']): string[] {
    const doc = this.#doc;
    return Object.entries(this.#current.state.cells).flatMap(([id, { validity }]) => {
      const cell = doc && cellsOf(doc).get(id);
      if (!cell || validity !== 'evaluated') return [];
      const first = outputs[id]?.[0];
      const ran = first?.type === 'display' ? first.data['text/plain'] : undefined;
      return ran === sourceOf(cell).toString() ? [] : [`${id} is said to be evaluated, but ran another text`];
    });
  }
}
