/**
 * Kernels as Jupyter's clients know them. Each is one of our sessions: of a notebook, the very one that people have open
 * in their browsers, or one without a notebook.
 */
import type { KernelAbout } from '@trialroom/shared/jupyter/convert';
import type { LanguageAnswer, LanguageQuery } from '@trialroom/shared/language/language';
import { cellsOf, sourceOf, typeOf } from '@trialroom/shared/notebook/document';
import type { Execution, KernelStatus } from '@trialroom/shared/notebook/session';
import type { Documents } from '../../documents/documents.ts';
import { Refusal } from '../../http/refusal.ts';
import type { Notebooks } from '../../notebooks/notebooks.ts';
import type { SessionListing, Sessions } from '../../sessions/offer.ts';
import { KernelRoom } from '../channels/kernel-room.ts';
import { kernelId, ulidOf } from './ids.ts';
import { KERNEL_NAME } from './kernelspecs.ts';

/** A kernel as clients see it; field names are Jupyter's. */
export interface KernelModel {
  id: string;
  name: string;
  /** ISO 8601 */
  last_activity: string;
  execution_state: 'starting' | 'idle' | 'busy' | 'dead';
  connections: number;
}

/** What kernels are made of. */
export interface KernelsPorts {
  sessions: Sessions;
  notebooks: Pick<Notebooks, 'get' | 'pathOf'>;
  documents: Pick<Documents, 'open'>;
  language(notebook: string, query: LanguageQuery): Promise<LanguageAnswer | null>;
  about: KernelAbout;
  fault(error: unknown): void;
}

/** Finds, starts and ends kernels by the ids that clients know. */
export class Kernels {
  readonly #ports: KernelsPorts;
  /** Rooms by session. */
  readonly #rooms = new Map<string, KernelRoom>();
  /** Sessions of notebooks that a client asked for, whether or not anything has run in them. */
  readonly #wanted = new Map<string, number>();

  constructor(ports: KernelsPorts) {
    this.#ports = ports;
  }

  /** Sessions with a kernel, and those that a client has asked for. */
  list(): SessionListing[] {
    const listed = this.#ports.sessions.list();
    const known = new Set(listed.map(({ id }) => id));
    const idle = [...this.#wanted].filter(([id]) => !known.has(id));
    return [
      ...listed.filter(({ id, kernel, notebook }) => notebook === null || alive(kernel) || this.#wanted.has(id)),
      ...idle.map(
        ([id, at]): SessionListing => ({
          ...{ id, notebook: id, name: null, kernel: 'none', lastActivity: at, connections: 0 },
        }),
      ),
    ];
  }

  /** What clients are told of a kernel. */
  model({ id, kernel, lastActivity }: SessionListing): KernelModel {
    return {
      id: kernelId(id),
      name: KERNEL_NAME,
      last_activity: new Date(lastActivity).toISOString(),
      // What is not running yet, or no more, is there for whoever runs something.
      execution_state: kernel === 'starting' || kernel === 'busy' ? kernel : 'idle',
      connections: this.#rooms.get(id)?.connections ?? 0,
    };
  }

  /** @throws Refusal (404) */
  find(kernel: string): SessionListing {
    const found = this.list().find(({ id }) => kernelId(id) === kernel);
    if (!found) throw unknown(kernel);
    return found;
  }

  /** The session of a notebook, from now on in the list. */
  want(notebook: string): SessionListing {
    this.#wanted.set(notebook, this.#wanted.get(notebook) ?? Date.now());
    return this.find(kernelId(notebook));
  }

  /** A kernel without a notebook. */
  async start(name: string): Promise<SessionListing> {
    return this.find(kernelId(await this.#ports.sessions.detached(name)));
  }

  /** Stops what runs, and drops what waits. @throws Refusal (404) */
  async interrupt(kernel: string): Promise<void> {
    await this.#room(this.find(kernel).id).interrupt();
  }

  /** Gives the kernel another process; its id stays. @throws Refusal (404) */
  async restart(kernel: string): Promise<SessionListing> {
    await this.#room(this.find(kernel).id).restart();
    return this.find(kernel);
  }

  /** Ends a kernel and all connections to it. @throws Refusal (404) */
  async shutdown(kernel: string): Promise<void> {
    const { id } = this.find(kernel);
    this.forget(id);
    if (this.#ports.sessions.list().some((session) => session.id === id)) await this.#ports.sessions.shutdown(id);
  }

  /** A notebook goes for good: nobody is told of a kernel of it any more, and connections to it end. */
  forget(notebook: string): void {
    this.#wanted.delete(notebook);
    this.#rooms.get(notebook)?.end();
    this.#rooms.delete(notebook);
  }

  /** Where clients of a kernel meet; a notebook's is there even when nobody asked for it before. @throws Refusal (404) */
  async room(kernel: string): Promise<KernelRoom> {
    const found = this.list().find(({ id }) => kernelId(id) === kernel);
    if (found) return this.#room(found.id);
    const notebook = ulidOf(kernel);
    if (notebook === null) throw unknown(kernel);
    await this.#ports.notebooks.get(notebook);
    return this.#room(this.want(notebook).id);
  }

  #room(id: string): KernelRoom {
    const known = this.#rooms.get(id);
    if (known) return known;
    const { sessions, about, fault, language } = this.#ports;
    const room = new KernelRoom({
      about,
      fault,
      run: (source, cell, by) => this.#run(id, source, cell, by),
      listen: (handler) => sessions.listen(id, handler),
      inspect: (expression) => sessions.inspect(id, expression),
      complete: (expression) => sessions.complete(id, expression),
      language: (query) => language(id, query),
      widgets: () => sessions.widgets(id),
      setWidget: (widget, value, by, bytes) => sessions.setWidget(id, widget, value, by, bytes),
      answerInput: (request, value, by) => sessions.answerInput(id, request, value, by),
      refuseInput: (request, why) => sessions.refuseInput(id, request, why),
      interrupt: () => sessions.interrupt(id),
      restart: () => sessions.restart(id),
      shutdown: () => this.shutdown(kernelId(id)),
    });
    this.#rooms.set(id, room);
    return room;
  }

  /** Runs a cell as it stands in the document where that is what was sent, and else what was sent. */
  async #run(id: string, source: string, cell: string | null, by: Execution['by']): Promise<string> {
    const { sessions } = this.#ports;
    if (cell !== null && this.#isNotebook(id) && (await this.#says(id, cell, source))) {
      const [execution] = await sessions.run(id, [cell], by);
      if (execution !== undefined) return execution;
    }
    return sessions.runSource(id, { source, cell, by });
  }

  async #says(id: string, cell: string, source: string): Promise<boolean> {
    const { doc, release } = await this.#ports.documents.open(id);
    try {
      const live = cellsOf(doc).get(cell);
      return live !== undefined && typeOf(live) === 'code' && sourceOf(live).toString() === source;
    } finally {
      release();
    }
  }

  #isNotebook(id: string): boolean {
    return this.#ports.notebooks.pathOf(id) !== null;
  }
}

const alive = (kernel: KernelStatus): boolean => kernel !== 'none' && kernel !== 'dead';

const unknown = (kernel: string): Refusal =>
  new Refusal(404, { error: 'no-such-kernel', message: `there is no kernel ${kernel}`, where: 'id' });
