/**
 * The language service of notebooks: takes their cells, answers questions about places in them, and says what the type
 * checker thinks. One language server serves all notebooks; it is started at once and replaced when it dies.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Diagnostic, LanguageAnswer, LanguageCells, LanguageQuery } from '@trialroom/shared/language/language';
import { type Chain, chainAt, chainBefore } from '@trialroom/shared/language/live';
import type * as lsp from 'vscode-languageserver-types';
import { completions, hover, remarks, signature } from './answers.ts';
import { definition, definitionsAt, rangeOf, uriOf } from './definition.ts';
import { configText, GLOBALS, GLOBALS_FILE, type Reach, reach, scantConfigText } from './folder.ts';
import { LanguageServerGone, startLanguageServer } from './lsp.ts';
import { type Module, Modules, toRange } from './modules.ts';
import { rename } from './rename.ts';
import { isInner } from './scope.ts';
import { Turns } from './turns.ts';
import { toPosition } from './virtual.ts';

/** Asks the language server about a module. */
export type Ask = <Reply>(method: string, module: Module, more?: object) => Promise<Reply>;

/** Help with the TypeScript of notebooks: told of their cells, it answers questions and makes remarks. */
export interface LanguageService {
  /** Opens a notebook, or tells its cells anew. `folder` is where its imports are looked up. */
  setCells(notebook: string, folder: string, cells: LanguageCells): void;
  /**
   * Answers a question; the text that comes with it counts for this question only.
   * @throws Error when the notebook is not open, or the language server cannot answer
   */
  query(notebook: string, query: LanguageQuery): Promise<LanguageAnswer>;
  /** The remarks of the type checker on the cells as last told; only cells with remarks. */
  check(notebook: string): Promise<Record<string, Diagnostic[]>>;
  close(notebook: string): void;
  /** Process id of the language server, while there is one. */
  pid(): number | undefined;
  /** Ends the language server. */
  end(): Promise<void>;
}

interface Folder {
  readonly notebooks: Set<Modules>;
  seen: Reach;
}

/** So many documents are opened without further ado. */
const FEW = 4;

/** Cells that are checked in one go. */
const AT_ONCE = 16;

/** Starts the language service. */
export function createLanguageService(options: { patienceMs?: number } = {}): LanguageService {
  const server = startLanguageServer(options);
  const notebooks = new Map<string, Modules>();
  const folders = new Map<string, Folder>();
  const documents = new Map<Modules, Map<string, Module>>();

  const configUri = (folder: string): string => pathToFileURL(join(folder, 'tsconfig.json')).href;
  const globalsUri = (folder: string): string => pathToFileURL(join(folder, GLOBALS_FILE)).href;

  const folderOf = (path: string): Folder => {
    const known = folders.get(path);
    if (known) return known;
    const made: Folder = { notebooks: new Set(), seen: { files: new Map(), packages: new Map() } };
    folders.set(path, made);
    return made;
  };

  const configure = (path: string, { scant = false } = {}): void => {
    const folder = folders.get(path);
    if (!folder) return;
    const files = [...folder.notebooks].flatMap((modules) => modules.all.map(({ name }) => name));
    const first = scantConfigText(files);
    const text = scant ? first : configText(path, files);
    server.set([{ uri: configUri(path), language: 'jsonc', text, first }]);
  };

  /** Makes the language server know the cells as they are now. */
  const show = (modules: Modules, asked?: { cell: string; source: string }): void => {
    const { folder } = modules;
    const before = documents.get(modules) ?? new Map<string, Module>();
    const after = new Map(modules.compose(asked).map((module) => [module.uri, module]));
    documents.set(modules, after);
    const made = [...after.keys()].filter((uri) => !before.has(uri)).length;
    const same = before.size === after.size && made === 0;
    // First, so that no document is taken for one without settings.
    if (!same) configure(folder, { scant: made > FEW });
    for (const uri of before.keys()) if (!after.has(uri)) server.close(uri);
    server.set([{ uri: globalsUri(folder), language: 'typescript', text: GLOBALS }, ...after.values()]);
    if (made > FEW) configure(folder);
  };

  /** Looks whether files or packages came, changed or went that cells import. */
  const look = (path: string): void => {
    const folder = folders.get(path);
    if (!folder) return;
    const modules = [...folder.notebooks].flatMap(({ all }) => all);
    const before = folder.seen;
    folder.seen = reach(
      path,
      modules.flatMap(({ shape }) => shape.specifiers),
    );
    const moved = [...folder.seen.packages].some(
      ([name, at]) => before.packages.has(name) && before.packages.get(name) !== at,
    );
    if (moved) {
      configure(path);
      server.restart();
      return;
    }
    server.touched(
      [...folder.seen.files].flatMap(([file, at]) => {
        const was = before.files.get(file);
        if (was === undefined || was === at) return [];
        return [{ uri: pathToFileURL(file).href, type: was === 0 ? 1 : at === 0 ? 3 : 2 }];
      }),
    );
  };

  /** Shows the cells as last told, and what they import as it is on disk. */
  const refresh = (modules: Modules): void => {
    show(modules);
    look(modules.folder);
  };

  const opened = (notebook: string): Modules => {
    const modules = notebooks.get(notebook);
    if (!modules) throw new Error('the notebook is not open for the language service');
    return modules;
  };

  /** Once more when the language server died over it: the next one may be luckier. */
  const twice = async <Result>(act: () => Promise<Result>): Promise<Result> => {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof LanguageServerGone)) throw error;
      return act();
    }
  };

  /**
   * While a question is open, no text may change: the language server answers about what it knows when it comes to the
   * question, not when it was asked.
   */
  const turns = new Turns();

  const ask: Ask = (method, { uri }, more) => server.request(method, { textDocument: { uri }, ...more });

  /** Whether an expression begins with a name that is none of the top level. */
  const innerScope = async (modules: Modules, module: Module, chain: Chain | null, gap?: number): Promise<boolean> => {
    if (!chain?.expression) return false;
    const [place] = await definitionsAt(module, toPosition(module.source, chain.from), ask);
    const target = place && modules.at(uriOf(place));
    const range = target && toRange(target, rangeOf(place));
    if (!range) return false;
    const { source, shape } = target;
    const patched = target === module && gap !== undefined ? `${source.slice(0, gap)}_${source.slice(gap)}` : source;
    return isInner(patched, range.from, shape.jsx);
  };

  const answer = async (modules: Modules, query: LanguageQuery): Promise<LanguageAnswer> => {
    show(modules, query);
    const module = modules.of(query.cell);
    if (!module) throw new Error('there is no such cell');
    const position = toPosition(query.source, query.offset);
    switch (query.ask) {
      case 'complete': {
        const [list, inner] = await Promise.all([
          ask<lsp.CompletionList | lsp.CompletionItem[] | null>('textDocument/completion', module, { position }),
          // With a name after the dot, the text parses.
          innerScope(modules, module, chainBefore(query.source, query.offset), query.offset),
        ]);
        const resolve = (item: lsp.CompletionItem): Promise<lsp.CompletionItem> =>
          server.request('completionItem/resolve', item);
        return { ...(await completions(module, query.offset, list, resolve)), ...(inner ? { inner } : {}) };
      }
      case 'hover': {
        const [said, inner] = await Promise.all([
          ask<lsp.Hover | null>('textDocument/hover', module, { position }),
          innerScope(modules, module, chainAt(query.source, query.offset)),
        ]);
        const answer = hover(module, query.offset, said);
        return inner && answer.hover ? { ...answer, hover: { ...answer.hover, inner } } : answer;
      }
      case 'signature':
        return signature(await ask<lsp.SignatureHelp | null>('textDocument/signatureHelp', module, { position }));
      case 'definition':
        return definition(modules, module, query.offset, ask);
      case 'rename':
        return rename(modules, module, query.offset, query.to, ask);
    }
  };

  return {
    setCells(notebook, path, cells) {
      let modules = notebooks.get(notebook);
      if (modules && modules.folder !== path) {
        this.close(notebook);
        modules = undefined;
      }
      modules ??= new Modules(path);
      notebooks.set(notebook, modules);
      folderOf(path).notebooks.add(modules);
      modules.tell(cells);
      // Now rather than with the first question, which then finds everything read.
      const told = modules;
      void turns.take(
        async () => {
          if (notebooks.get(notebook) === told) refresh(told);
        },
        { urgent: true },
      );
    },
    query: async (notebook, query) => twice(() => turns.take(() => answer(opened(notebook), query), { urgent: true })),
    check: async (notebook) => {
      const found = new Map<string, Diagnostic[]>();
      const { told } = opened(notebook);
      for (let at = 0; at < told.length; at += AT_ONCE) {
        const some = new Set(told.slice(at, at + AT_ONCE).map(({ cell }) => cell));
        const look = async (): Promise<void> => {
          const modules = opened(notebook);
          refresh(modules);
          await Promise.all(
            modules.all
              .filter(({ cell }) => some.has(cell))
              .map(async (module) => {
                const report = await ask<{ items?: lsp.Diagnostic[] } | null>('textDocument/diagnostic', module);
                const said = remarks(module, report);
                if (said.length > 0) found.set(module.cell, said);
              }),
          );
        };
        // In pieces, so that a question of somebody who types need not wait for all of them.
        await twice(() => turns.take(look, { urgent: false }));
      }
      return Object.fromEntries(told.flatMap(({ cell }) => (found.has(cell) ? [[cell, found.get(cell) ?? []]] : [])));
    },
    close(notebook) {
      const modules = notebooks.get(notebook);
      if (!modules) return;
      notebooks.delete(notebook);
      for (const uri of documents.get(modules)?.keys() ?? []) server.close(uri);
      documents.delete(modules);
      const folder = folders.get(modules.folder);
      folder?.notebooks.delete(modules);
      if (folder && folder.notebooks.size === 0) {
        folders.delete(modules.folder);
        server.close(globalsUri(modules.folder));
        server.close(configUri(modules.folder));
      } else configure(modules.folder);
    },
    pid: () => server.pid(),
    end: () => server.end(),
  };
}
