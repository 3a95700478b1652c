/**
 * For the simulation: a notebook, the server that holds it and the people who edit it. The room, its connections, its
 * persistence, the merging of files and what runs (`runs.ts`) are the product's own; lines break and servers die when told to.
 */
import * as edits from '@trialroom/shared/notebook/cell-edits';
import { cellOrder, cellsOf, insertCells, moveCell, setCellType, sourceOf } from '@trialroom/shared/notebook/document';
import { mergeNotebook } from '@trialroom/shared/notebook/merge';
import { readDocument } from '@trialroom/shared/notebook/transfer';
import type { Person as Account } from '@trialroom/shared/policy/policy';
import * as Y from 'yjs';
import { Connection } from '../../documents/connection.ts';
import { FROM_FILE } from '../../documents/projection.ts';
import { Room } from '../../documents/room.ts';
import type { DocumentStore } from '../../documents/store.ts';
import { type Mark, OWN, Person } from './person.ts';
import type { Runs } from './runs.ts';
import type { Step } from './steps.ts';
import { Wire } from './wire.ts';

const EDITOR = { name: 'editor', colour: 'a', role: 'editor' } as const;

export class World {
  readonly people: Person[];
  readonly runs: Runs;
  readonly #store: DocumentStore;
  readonly #notebook: string;
  #room: Room | null = null;
  #connections = new Map<Wire, Connection>();
  #alive = { on: true };
  #marks = 0;
  /** Cells that someone took away, made, or parted and joined: what was in them may be gone, or there twice. */
  readonly touched = new Set<string>();
  readonly #madeBy = new Map<string, number>();
  /** Texts that someone erased, or may have by undoing. */
  readonly erased: string[] = [];
  readonly undone = new Set<number>();
  readonly fromFile: Mark[] = [];
  /** What someone's undo took of another's. */
  readonly taken: string[] = [];
  #base = null as ReturnType<typeof readDocument> | null;

  constructor(store: DocumentStore, notebook: string, runs: Runs) {
    this.runs = runs;
    this.#store = store;
    this.#notebook = notebook;
    this.people = runs.viewers.map((_, index) => new Person(index));
  }

  /** The server starts from what is stored. */
  async start(): Promise<void> {
    const stored = await this.#store.load(this.#notebook);
    if (!stored) throw new Error('the document was never filled');
    const doc = new Y.Doc();
    for (const update of stored.updates) Y.applyUpdate(doc, update);
    const alive = { on: true };
    this.#alive = alive;
    const never = new Promise<never>(() => {});
    this.#room = new Room({
      notebook: this.#notebook,
      doc,
      size: stored.size,
      generation: stored.generation,
      // What a dead server was about to store is not stored.
      store: { ...this.#store, append: (...parts) => (alive.on ? this.#store.append(...parts) : never) },
      onCellChange: (cell, change) => this.runs.cellChanged(cell, change),
      onEdited: () => {},
      onStored: () => {},
      onReplaced: () => {},
      onError: (error) => {
        throw error;
      },
    });
    this.#base = readDocument(doc);
    await this.runs.start(doc);
  }

  async step({ kind, who, a, b }: Step): Promise<void> {
    const person = this.people[who % this.people.length];
    if (!person) return;
    const ids = cellOrder(person.doc);
    const id = ids[a % Math.max(1, ids.length)];
    if (kind === 'deliver') this.deliver(person, 1 + (b % 4));
    else if (kind === 'connect') this.connect(person);
    else if (kind === 'disconnect') this.#leave(person);
    else if (kind === 'lose') {
      this.#leave(person);
      person.forget();
    } else if (kind === 'store') await this.#room?.persistence.flush();
    else if (kind === 'compact') await this.#store.compact(this.#notebook);
    else if (kind === 'restart') await this.#stop(true);
    else if (kind === 'crash') await this.#stop(false, b % 16);
    else if (kind === 'file') this.#outside(a, b);
    else if (kind === 'work' || kind === 'interrupt' || kind === 'replace' || kind === 'die')
      await this.runs.step(kind, b);
    else if (kind === 'run' || kind === 'run all') {
      if (person.wire && id !== undefined) await this.runs.run(kind === 'run' ? [id] : ids, person.number);
    } else if (!person.loaded) return;
    else if (kind === 'undo' || kind === 'redo') this.#undo(person, kind);
    else this.#edit(person, kind, ids, id, b);
  }

  #edit(person: Person, kind: Step['kind'], ids: string[], id: string | undefined, b: number): void {
    const { doc } = person;
    const name = `m${++this.#marks}`;
    const text = id === undefined ? undefined : sourceOf(cellsOf(doc).get(id) ?? new Y.Map());
    if (kind === 'insert') {
      this.#madeBy.set(name, person.number);
      insertCells(doc, [{ id: name, type: 'code', source: `<${name}>` }], id ?? null, OWN);
      person.wrote({ text: `<${name}>`, cell: name });
    }
    if (id === undefined || !text) return;
    if (kind === 'type') {
      // Between marks, so that none is torn apart by one's own typing.
      const at = text.toString().indexOf('<', b % (text.length + 1));
      doc.transact(() => text.insert(at < 0 ? text.length : at, `<${name}>`), OWN);
      person.wrote({ text: `<${name}>`, cell: id });
    } else if (kind === 'erase') {
      const from = b % (text.length + 1);
      this.erased.push(text.toString());
      doc.transact(() => text.delete(from, Math.min(9, text.length - from)), OWN);
    } else if (kind === 'delete') {
      this.touched.add(id);
      edits.deleteCells(doc, [id], OWN);
    } else if (kind === 'move') moveCell(doc, id, ids[b % ids.length] ?? null, OWN);
    else if (kind === 'split') {
      this.touched.add(id).add(name);
      this.#madeBy.set(name, person.number);
      edits.splitCell(doc, id, [b % (text.length + 1)], () => name, OWN);
    } else if (kind === 'merge') {
      const both = [id, ids[(ids.indexOf(id) + 1) % ids.length] ?? id];
      for (const one of both) this.touched.add(one);
      edits.mergeCells(doc, both, OWN);
    } else if (kind === 'kind') setCellType(doc, id, b % 2 ? 'markdown' : 'code', OWN);
    else if (kind === 'metadata') edits.setHidden(doc, [id], 'source', b % 2 === 0, OWN);
  }

  /** Nothing of others may vanish by it but what stands in a cell that one made oneself. */
  #undo(person: Person, kind: 'undo' | 'redo'): void {
    const before = this.#othersMarks(person);
    if (kind === 'undo') person.undo.undo();
    else person.undo.redo();
    this.undone.add(person.number);
    const after = new Set(this.#othersMarks(person).map(({ text }) => text));
    for (const { text, cell } of before) {
      if (!after.has(text) && !this.touched.has(cell) && this.#madeBy.get(cell) !== person.number)
        this.taken.push(text);
    }
  }

  #othersMarks(person: Person): { text: string; cell: string }[] {
    const found: { text: string; cell: string }[] = [];
    const own = new Set([...person.waiting, ...person.acknowledged].map(({ text }) => text));
    for (const [cell, map] of cellsOf(person.doc).entries()) {
      for (const [text] of sourceOf(map)
        .toString()
        .matchAll(/<m\d+>/g))
        if (!own.has(text)) found.push({ text, cell });
    }
    return found;
  }

  /** Another program writes the file: it adds a cell and adds to one. */
  #outside(a: number, b: number): void {
    const base = this.#base;
    if (!this.#room || !base) return;
    const name = `m${++this.#marks}`;
    const at = a % (base.cells.length + 1);
    const cells = base.cells.map((cell, index) =>
      index === b % base.cells.length ? { ...cell, source: `${cell.source}<${name}x>` } : cell,
    );
    const made = {
      id: name,
      cell_type: 'code' as const,
      source: `<${name}>`,
      metadata: {},
      outputs: [],
      execution_count: null,
    };
    const theirs = { ...base, cells: [...cells.slice(0, at), made, ...cells.slice(at)] };
    this.#base = mergeNotebook(this.#room.doc, base, theirs, FROM_FILE);
  }

  connect(person: Person): void {
    if (person.wire?.readyState === 1 || !this.#room) return;
    const wire = new Wire();
    const account: Account = { ...EDITOR, id: `p${person.number}` };
    const connection = new Connection(wire.socket, account);
    this.#connections.set(wire, connection);
    person.connect(wire);
    this.runs.viewers[person.number]?.connect();
    this.#room.join(connection);
  }

  #leave(person: Person): void {
    const { wire } = person;
    person.disconnect();
    this.runs.viewers[person.number]?.disconnect();
    const connection = wire && this.#connections.get(wire);
    if (wire && connection) this.#room?.leave(connection);
    if (wire) this.#connections.delete(wire);
  }

  deliver(person: Person, count: number): void {
    for (let index = 0; index < count; index++) {
      person.wire?.arrive();
      person.read();
      this.runs.arrive(person.number);
    }
  }

  async #stop(gently: boolean, hops = 0): Promise<void> {
    const room = this.#room;
    if (!room) return;
    await this.runs.stop(gently, hops);
    if (gently) await room.persistence.close();
    this.#alive.on = false;
    if (!gently) {
      // It dies while it stores; what it said until then arrives.
      void room.persistence.flush();
      await Promise.resolve();
      for (const person of this.people) while (person.read());
    }
    for (const person of this.people) this.#leave(person);
    room.destroy();
    this.#room = null;
    await this.start();
  }

  /** Everyone comes back, and all messages arrive. */
  async settle(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      for (const person of this.people) this.connect(person);
      for (let quiet = false; !quiet; ) {
        quiet = true;
        for (const person of this.people) {
          while (person.wire?.arrive()) quiet = false;
          while (person.read()) quiet = false;
          while (this.runs.arrive(person.number)) quiet = false;
        }
      }
      await this.#room?.persistence.flush();
      await this.runs.settle();
    }
  }

  async end(): Promise<void> {
    await this.runs.stop(true);
    await this.#room?.persistence.close();
    this.#alive.on = false;
    this.#room?.destroy();
    for (const person of this.people) person.doc.destroy();
  }

  /** Whether someone may rightly have taken away, or doubled, what this person wrote. */
  mayBeGone(author: number, { text, cell }: { text: string; cell: string }): boolean {
    const maker = this.#madeBy.get(cell);
    return (
      this.touched.has(cell) ||
      this.undone.has(author) ||
      (maker !== undefined && this.undone.has(maker)) ||
      this.erased.some((gone) => gone.includes(text))
    );
  }

  get doc(): Y.Doc {
    if (!this.#room) throw new Error('the server is not running');
    return this.#room.doc;
  }
}
