/**
 * The contents service: one tree of folders, files and notebooks. Notebooks go by way of their shared documents, files
 * by way of the disk.
 */
import { lstat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type NotebookFile, newNotebook, serialiseNotebook } from '@trialroom/shared/notebook/format';
import type { Trash } from '../../files/trash.ts';
import { Refusal } from '../../http/refusal.ts';
import type { CheckpointModel, Checkpoints } from './checkpoints.ts';
import {
  bytesOf,
  copy,
  hashOfFile,
  inFolder,
  makeFolder,
  renameThing,
  replaceFile,
  taken,
  takePart,
  textOf,
} from './disk.ts';
import { type ContentsModel, modelOf, NOTEBOOK_TYPE } from './models.ts';
import { type LiveNotebooks, notebookFrom } from './notebooks.ts';
import { contentPath, type Grounds, isNotebook, missing, type Thing } from './place.ts';

/** What a client asks to see. */
export interface Asked {
  type: 'directory' | 'file' | 'notebook' | null;
  format: 'text' | 'base64' | 'json' | null;
  content: boolean;
  hash: boolean;
}

/** What a client saves. */
export interface Saved {
  /** Absent: what the path says. */
  type?: 'directory' | 'file' | 'notebook' | undefined;
  format: 'text' | 'base64' | 'json' | null;
  content?: unknown;
  /** Counts from 1; -1 is the last. */
  chunk?: number | undefined;
}

/** Who asks, as far as it matters here. */
export interface Visitor {
  id: string;
  name: string;
  mayEdit: boolean;
}

/** Files, folders and notebooks, as clients ask for and change them. Who may do what is the door's to say. */
export class Contents {
  readonly #grounds: Grounds;
  readonly #live: LiveNotebooks;
  readonly #trash: Pick<Trash, 'throwFile' | 'throwFolder'>;
  readonly #checkpoints: Checkpoints;
  #naming: Promise<unknown> = Promise.resolve();

  constructor(
    grounds: Grounds,
    live: LiveNotebooks,
    trash: Pick<Trash, 'throwFile' | 'throwFolder'>,
    checkpoints: Checkpoints,
  ) {
    this.#grounds = grounds;
    this.#live = live;
    this.#trash = trash;
    this.#checkpoints = checkpoints;
  }

  /** What is at a path, in the form that is asked for. @throws Refusal (400, 404, 413) */
  async get(asked: string, { type, format, content, hash }: Asked, visitor: Visitor): Promise<ContentsModel> {
    const thing = await this.#grounds.find(contentPath(asked));
    const model = modelOf(thing, visitor.mayEdit);
    const odd = type === 'directory' ? thing.kind !== 'directory' : type !== null && thing.kind === 'directory';
    if (odd || (type === 'notebook' && model.type !== 'notebook')) {
      throw bad(`${thing.path} is a ${model.type}, not a ${type}`, 'type');
    }
    if (model.type === 'directory') {
      if (!content) return model;
      const inside = (await inFolder(this.#grounds, thing)).map((one) => modelOf(one, visitor.mayEdit));
      return { ...model, content: inside, format: 'json' };
    }
    if (model.type === 'notebook') return this.#notebook(model, thing, { type, format, content, hash }, visitor);
    const hashed = hash ? { hash: await hashOfFile(thing), hash_algorithm: 'sha256' as const } : {};
    if (!content) return { ...model, ...hashed };
    const bytes = await bytesOf(thing);
    const text = format === 'base64' ? null : textOf(bytes);
    if (format === 'text' && text === null) throw bad(`${thing.path} is not UTF-8 text`, 'format');
    const mimetype = model.mimetype ?? (text === null ? 'application/octet-stream' : 'text/plain');
    return text === null
      ? { ...model, ...hashed, content: bytes.toString('base64'), format: 'base64', mimetype }
      : { ...model, ...hashed, content: text, format: 'text', mimetype };
  }

  async #notebook(model: ContentsModel, thing: Thing, asked: Asked, visitor: Visitor): Promise<ContentsModel> {
    const live = await this.#live.read(thing.path, thing.changedAt);
    const known = {
      ...model,
      last_modified: new Date(live.changedAt).toISOString(),
      ...(asked.hash ? { hash: live.hash, hash_algorithm: 'sha256' as const } : {}),
    };
    if (!asked.content) return known;
    if (asked.type === 'file') {
      const text = serialiseNotebook(live.content);
      const content = asked.format === 'base64' ? Buffer.from(text).toString('base64') : text;
      const format = asked.format === 'base64' ? 'base64' : 'text';
      return { ...known, type: 'file', content, format, mimetype: NOTEBOOK_TYPE };
    }
    this.#live.given(visitor.id, live);
    return { ...known, content: live.content, format: 'json' };
  }

  /** Saves what a client sends; tells whether it is new. What is new may come without content: then it is empty. */
  async save(asked: string, wanted: Saved, visitor: Visitor): Promise<{ model: ContentsModel; made: boolean }> {
    const path = contentPath(asked);
    const before = await this.#grounds.look(path);
    const sent = { ...wanted, type: wanted.type ?? (isNotebook(path) ? 'notebook' : 'file') };
    if (before === null && sent.content === undefined) {
      sent.content = sent.type === 'notebook' ? newNotebook() : '';
    }
    if (sent.type === 'directory') {
      if (before && before.kind !== 'directory') throw taken(path);
      await makeFolder(this.#grounds, path);
    } else if (before?.kind === 'directory') throw bad(`${path} is a folder`, 'type');
    else if (isNotebook(path)) await this.#saveNotebook(path, sent, before !== null, visitor);
    else if (sent.type === 'notebook') throw bad('the name of a notebook ends with .ipynb', 'path');
    else {
      const bytes = bytesFrom(sent);
      if (sent.chunk === undefined) await replaceFile(this.#grounds, path, bytes);
      else await takePart(this.#grounds, path, bytes, sent.chunk, visitor.id);
    }
    return { model: await this.#short(path, visitor), made: before === null };
  }

  async #saveNotebook(path: string, sent: Saved, there: boolean, { id }: Visitor): Promise<void> {
    if (sent.chunk !== undefined) throw bad('a notebook comes in one piece', 'chunk');
    const notebook = notebookFrom(sent.type === 'notebook' ? sent.content : bytesFrom(sent).toString('utf8'));
    await this.#grounds.spot(path);
    const made = !there && (await this.#alone(() => this.#make(path, notebook)));
    if (!made) return this.#live.save(path, notebook, id);
    // From now on this is what the client's next save began from.
    this.#live.given(id, await this.#live.read(path, Date.now()));
  }

  /** Makes a notebook, unless another request has just made one there. Says whether it did. */
  async #make(path: string, notebook: NotebookFile): Promise<boolean> {
    if (await this.#grounds.look(path)) return false;
    await this.#live.create(path, notebook);
    return true;
  }

  /** One after the other: of those who find a name at once, each finds another. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#naming.then(work);
    this.#naming = done.catch(() => {});
    return done;
  }

  /** Makes something new under a name of its own. */
  untitled(asked: string, type: NonNullable<Saved['type']>, ext: string, visitor: Visitor): Promise<ContentsModel> {
    return this.#alone(() => this.#untitled(asked, type, ext, visitor));
  }

  async #untitled(asked: string, type: NonNullable<Saved['type']>, ext: string, by: Visitor): Promise<ContentsModel> {
    const folder = contentPath(asked);
    const [stem, ending] =
      type === 'notebook' ? ['Untitled', '.ipynb'] : type === 'directory' ? ['Untitled Folder', ''] : ['untitled', ext];
    const path = await this.#free(
      folder,
      (round) => `${stem}${round === 0 ? '' : `${ending ? '' : ' '}${round}`}${ending}`,
    );
    if (type === 'notebook') await this.#live.create(path, newNotebook());
    else if (type === 'directory') await makeFolder(this.#grounds, path);
    else await replaceFile(this.#grounds, path, new Uint8Array());
    return this.#short(path, by);
  }

  /** Copies a file into a folder, under a name of its own. */
  copy(fromAsked: string, toAsked: string, visitor: Visitor): Promise<ContentsModel> {
    return this.#alone(() => this.#copy(fromAsked, toAsked, visitor));
  }

  async #copy(fromAsked: string, toAsked: string, visitor: Visitor): Promise<ContentsModel> {
    const from = await this.#grounds.find(contentPath(fromAsked));
    if (from.kind === 'directory') throw bad(`${from.path} is a folder; only files are copied`, 'copy_from');
    const name = basename(from.path);
    const dot = name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    const plain = stem.replace(/-Copy\d*$/, '');
    const path = await this.#free(contentPath(toAsked), (round) =>
      round === 0 && plain === stem ? name : `${plain}-Copy${Math.max(1, round)}${ending}`,
    );
    if (isNotebook(from.path)) {
      await this.#live.create(path, (await this.#live.read(from.path, from.changedAt)).content);
    } else await copy(this.#grounds, from, path);
    return this.#short(path, visitor);
  }

  /** Gives a file, folder or notebook another path, where nothing is. @throws Refusal (400, 404, 409) */
  async rename(fromAsked: string, toAsked: string, visitor: Visitor): Promise<ContentsModel> {
    const from = await this.#grounds.find(contentPath(fromAsked));
    const to = contentPath(toAsked);
    if (from.path === '' || to === '') throw bad('the notebooks folder itself stays where it is', 'path');
    if (to === from.path) return this.#short(to, visitor);
    if (from.kind === 'file' && isNotebook(from.path) !== isNotebook(to)) {
      throw bad(
        'a notebook stays a notebook, and a file a file: the ending .ipynb cannot be added or taken away',
        'path',
      );
    }
    await this.#grounds.spot(to);
    if (from.kind === 'directory') await this.#live.moveFolder(from.path, to);
    else if (isNotebook(from.path)) await this.#live.move(from.path, to);
    else await renameThing(this.#grounds, from, to);
    if (from.kind === 'file' && !isNotebook(to)) await this.#checkpoints.move(from.path, to);
    return this.#short(to, visitor);
  }

  /** Throws something into the trash, a folder with all that is in it. */
  async remove(asked: string, { name }: Visitor): Promise<void> {
    const { path, kind } = await this.#grounds.find(contentPath(asked));
    if (path === '') throw bad('the notebooks folder itself stays', 'path');
    // The name itself goes, not what a link leads to.
    const linked = (await lstat(join(this.#grounds.root, path))).isSymbolicLink();
    if (kind === 'file' && isNotebook(path)) await this.#live.remove(path, name);
    else if (kind === 'directory' && !linked) await this.#trash.throwFolder(path, name);
    else await this.#trash.throwFile(path, name);
  }

  /** Keeps a file as it is now. @throws Refusal (404, 413) */
  async checkpoint(asked: string): Promise<CheckpointModel> {
    const thing = await this.#file(asked);
    const bytes = isNotebook(thing.path)
      ? serialiseNotebook((await this.#live.read(thing.path, thing.changedAt)).content)
      : await bytesOf(thing);
    return this.#checkpoints.keep(await this.#name(thing), bytes);
  }

  /** The checkpoints of a file: one, or none. @throws Refusal (404) */
  async checkpointsOf(asked: string): Promise<CheckpointModel[]> {
    return this.#checkpoints.list(await this.#name(await this.#file(asked)));
  }

  /** Forgets a checkpoint. @throws Refusal (404) */
  async dropCheckpoint(asked: string, id: string): Promise<void> {
    await this.#checkpoints.remove(await this.#name(await this.#file(asked)), id);
  }

  /** Makes a file what it was at its checkpoint; of a notebook, as an edit of this person's. @throws Refusal (404) */
  async restore(asked: string, id: string, visitor: Visitor): Promise<void> {
    const thing = await this.#file(asked);
    const { path } = thing;
    const bytes = await this.#checkpoints.read(await this.#name(thing), id);
    if (isNotebook(path)) await this.#live.restore(path, notebookFrom(bytes.toString('utf8')), visitor.id);
    else await replaceFile(this.#grounds, path, bytes);
  }

  /** What a checkpoint is kept under: a notebook's goes where it goes, into the trash and out of it, too. */
  async #name({ path }: Thing): Promise<string> {
    return isNotebook(path) ? this.#live.idOf(path) : path;
  }

  /** A file, for its bytes. @throws Refusal (404) */
  async file(asked: string): Promise<Thing> {
    return this.#file(asked);
  }

  async #file(asked: string): Promise<Thing> {
    const path = contentPath(asked);
    const thing = await this.#grounds.find(path);
    if (thing.kind !== 'file') throw missing(path);
    return thing;
  }

  /** A name in a folder that nothing has yet. */
  async #free(folder: string, name: (round: number) => string): Promise<string> {
    for (let round = 0; ; round++) {
      const path = contentPath(folder === '' ? name(round) : `${folder}/${name(round)}`);
      if (!(await this.#grounds.look(path))) return path;
    }
  }

  async #short(path: string, visitor: Visitor): Promise<ContentsModel> {
    const thing = await this.#grounds.look(path);
    if (!thing) {
      // The first parts of a file that comes in parts: nothing is there before the last.
      const now = Date.now();
      return modelOf({ path, full: path, kind: 'file', size: 0, changedAt: now, createdAt: now }, visitor.mayEdit);
    }
    const isFile = thing.kind === 'file';
    return this.get(path, { type: null, format: null, content: false, hash: isFile }, visitor);
  }
}

function bytesFrom({ content, format }: Saved): Buffer {
  if (typeof content !== 'string') throw bad('the content of a file is a text', 'content');
  if (format !== 'base64') return Buffer.from(content, 'utf8');
  if (!/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(content)) throw bad('the content is not base64', 'content');
  return Buffer.from(content, 'base64');
}

const bad = (message: string, where: string): Refusal => new Refusal(400, { error: 'bad-request', message, where });
