/**
 * Sessions in Jupyter's sense: a path joined with a kernel. That of a notebook is there as long as its kernel is, whoever
 * started it; others (consoles, and notebooks that are files of somebody else's machine) are kept here until they end.
 */
import { randomUUID } from 'node:crypto';
import { posix } from 'node:path';
import { Refusal } from '../../http/refusal.ts';
import type { Notebooks } from '../../notebooks/notebooks.ts';
import { kernelId } from './ids.ts';
import type { KernelModel, Kernels } from './kernels.ts';

/** A session as clients see it; field names are Jupyter's. */
export interface JupyterSession {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: KernelModel;
  /** What old clients read. */
  notebook?: { path: string; name: string };
}

/** What a client asks for; what it leaves out stays, or is as usual. */
export interface SessionWish {
  path?: string | undefined;
  name?: string | undefined;
  type?: string | undefined;
  /** Of a kernel that is there already. */
  kernel?: string | undefined;
}

interface Kept {
  id: string;
  path: string;
  name: string;
  type: string;
  kernel: string;
  /** The notebook whose path it has, wherever that goes; null while it has a path of its own. */
  follows: string | null;
  /** It stands for the notebook's own session, which nobody had been told of before. */
  inPlace: boolean;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** All sessions, those of notebooks and those that clients made. */
export class JupyterSessions {
  readonly #kernels: Kernels;
  readonly #notebooks: Pick<Notebooks, 'at' | 'pathOf'>;
  readonly #kept = new Map<string, Kept>();

  constructor(kernels: Kernels, notebooks: Pick<Notebooks, 'at' | 'pathOf'>) {
    this.#kernels = kernels;
    this.#notebooks = notebooks;
  }

  /** All there are; those whose kernel is gone are forgotten. */
  list(): JupyterSession[] {
    const listed = this.#kernels.list();
    const models = new Map(listed.map((session) => [kernelId(session.id), this.#kernels.model(session)]));
    const replaced = new Set([...this.#kept.values()].flatMap(({ inPlace, kernel }) => (inPlace ? [kernel] : [])));
    const own = listed.flatMap(({ id, notebook }): JupyterSession[] => {
      if (replaced.has(kernelId(id))) return [];
      const path = notebook === null ? null : this.#notebooks.pathOf(notebook);
      const kernel = models.get(kernelId(id));
      // One kernel of a notebook is one session, and has its id.
      return path === null || !kernel
        ? []
        : [shown({ id: kernel.id, path, name: posix.basename(path), type: 'notebook' }, kernel)];
    });
    const kept = [...this.#kept.values()].flatMap((one) => {
      const kernel = models.get(one.kernel);
      if (!kernel) this.#kept.delete(one.id);
      const path = (one.follows === null ? null : this.#notebooks.pathOf(one.follows)) ?? one.path;
      return kernel ? [shown({ ...one, path }, kernel)] : [];
    });
    return [...own, ...kept];
  }

  /** @throws Refusal (404) */
  find(id: string): JupyterSession {
    const found = this.list().find((session) => session.id === id);
    if (found) return found;
    throw new Refusal(404, { error: 'no-such-session', message: `there is no session ${id}`, where: 'id' });
  }

  /** The session of this path; one that is there already is given again. */
  async open(wish: SessionWish & { path: string }): Promise<JupyterSession> {
    const { path, type = 'notebook', kernel } = wish;
    if (kernel === undefined) {
      const known = this.list().find((session) => session.path === path && session.type === type);
      if (known) return known;
      const notebook = type === 'notebook' ? await this.#notebookAt(path) : null;
      if (notebook !== null) return this.find(kernelId(this.#kernels.want(notebook).id));
      const meant = type === 'notebook' ? await this.#notebookMeant(path, wish.name) : null;
      if (meant !== null) {
        const inPlace = !this.list().some((session) => session.kernel.id === kernelId(meant));
        return this.#keep({ ...wish, path, type, kernel: kernelId(this.#kernels.want(meant).id), inPlace });
      }
    }
    const session = kernel === undefined ? await this.#kernels.start(path) : this.#kernels.find(kernel);
    return this.#keep({ ...wish, path, type, kernel: kernelId(session.id), inPlace: false });
  }

  #keep({ name = '', ...wish }: Omit<Kept, 'id' | 'name' | 'follows'> & { name?: string | undefined }): JupyterSession {
    const one = { ...wish, name, id: randomUUID(), follows: null };
    this.#kept.set(one.id, one);
    return this.find(one.id);
  }

  /** Changes what the session is called, or which kernel it has. */
  async change(id: string, wish: SessionWish): Promise<JupyterSession> {
    const now = this.find(id);
    const kernel = wish.kernel === undefined ? now.kernel.id : this.#kernels.model(this.#kernels.find(wish.kernel)).id;
    const path = wish.path ?? now.path;
    const kept = this.#kept.get(id);
    if (!kept && path === now.path && kernel === now.kernel.id) return now;
    const notebook = await this.#notebookAt(path);
    const one: Kept = {
      // A notebook's own session goes on; what is asked for is another name for its kernel.
      id: kept?.id ?? randomUUID(),
      path,
      name: wish.name ?? now.name,
      type: wish.type ?? now.type,
      kernel,
      follows: notebook !== null && kernelId(notebook) === kernel ? notebook : null,
      inPlace: kept?.inPlace === true && kernel === now.kernel.id,
    };
    this.#kept.set(one.id, one);
    return this.find(one.id);
  }

  /**
   * Ends a session, and its kernel if no other session has it. A notebook's own is there as long as its kernel is: to end
   * it is to end that, whoever else (a console) has it.
   */
  async end(id: string): Promise<void> {
    const { kernel } = this.find(id);
    const own = this.#kept.get(id)?.inPlace ?? true;
    const others = this.list().filter((session) => session.kernel.id === kernel.id && session.id !== id);
    this.#kept.delete(id);
    if (own || others.length === 0) await this.#kernels.shutdown(kernel.id);
  }

  /**
   * JupyterLab asks for a session under a name that nothing has, a UUID in the notebook's folder, and gives it the
   * notebook's path only then; but what it calls the session is the notebook's name.
   */
  async #notebookMeant(path: string, name: string | undefined): Promise<string | null> {
    if (!name || !UUID.test(posix.basename(path))) return null;
    return this.#notebookAt(posix.join(posix.dirname(path), posix.basename(name)));
  }

  async #notebookAt(path: string): Promise<string | null> {
    try {
      return path.endsWith('.ipynb') ? (await this.#notebooks.at(path)).id : null;
    } catch (error) {
      if (error instanceof Refusal && (error.status === 404 || error.status === 400)) return null;
      throw error;
    }
  }
}

const shown = ({ id, path, name, type }: Omit<JupyterSession, 'kernel'>, kernel: KernelModel): JupyterSession => ({
  ...{ id, path, name, type, kernel },
  ...(type === 'notebook' ? { notebook: { path, name } } : {}),
});
