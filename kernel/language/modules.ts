/**
 * The modules of one notebook: keeps for each cell its text, what it says about names, and the document that stands for
 * it, and finds the way between places in cells and places in documents.
 */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LanguageCells } from '@trialroom/shared/language/language';
import type { Range } from 'vscode-languageserver-types';
import { PREFIX } from './folder.ts';
import { type CellShape, moduleText, readCell, toOffset, visibleNames } from './virtual.ts';

/** One cell as a module. */
export interface Module {
  readonly cell: string;
  readonly source: string;
  readonly shape: CellShape;
  /** File name of its document. */
  readonly name: string;
  readonly uri: string;
  readonly language: 'typescript' | 'typescriptreact';
  readonly text: string;
  /** Names that come from other cells, and which ones. */
  readonly from: ReadonlyMap<string, Module['cell']>;
  /** Names, its own and others', that must not be assigned to. */
  readonly constants: ReadonlySet<string>;
}

let notebooks = 0;

/** The cells of one notebook as modules of TypeScript that import from one another. */
export class Modules {
  readonly folder: string;
  readonly #prefix = `${PREFIX}${++notebooks}_`;
  readonly #numbers = new Map<string, number>();
  readonly #shapes = new Map<string, { source: string; shape: CellShape }>();
  #cells: LanguageCells = [];
  /** The cell in which somebody writes: it is offered all names of the others, used or not. */
  #focus: string | undefined;
  #modules: Module[] = [];
  #byName = new Map<string, Module>();

  constructor(folder: string) {
    this.folder = folder;
  }

  /** The cells as last told. */
  get told(): LanguageCells {
    return this.#cells;
  }

  /** Takes in the cells as they are now; {@link compose} makes modules of them. */
  tell(cells: LanguageCells): void {
    this.#cells = cells;
    const kept = new Set(cells.map(({ cell }) => cell));
    for (const cell of this.#shapes.keys()) if (!kept.has(cell)) this.#shapes.delete(cell);
  }

  /**
   * Makes the modules anew.
   * @param asked a cell with the text to take instead of what was told; unknown cells are put at the end
   */
  compose(asked?: { cell: string; source: string }): readonly Module[] {
    this.#focus = asked?.cell ?? this.#focus;
    let cells = this.#cells;
    if (asked) {
      const known = cells.some(({ cell }) => cell === asked.cell);
      cells = known ? cells.map((one) => (one.cell === asked.cell ? asked : one)) : [...cells, asked];
    }
    const shapes = cells.map(({ cell, source }) => this.#shape(cell, source));
    const names = cells.map(({ cell }, index) => this.#name(cell, shapes[index]?.jsx === true));
    this.#modules = cells.map(({ cell, source }, index): Module => {
      const shape = shapes[index] ?? readCell(source);
      const from = new Map<string, string>();
      const imports = new Map<string, string[]>();
      const constants = new Set(shape.constants);
      for (const [name, at] of visibleNames(shapes, index)) {
        if (cell !== this.#focus && !shape.words.has(name)) continue;
        from.set(name, cells[at]?.cell ?? '');
        if (shapes[at]?.constants.has(name)) constants.add(name);
        const module = `./${names[at]?.replace(/\.tsx?$/, '')}`;
        const list = imports.get(module);
        if (list) list.push(name);
        else imports.set(module, [name]);
      }
      const name = names[index] ?? '';
      return {
        cell,
        source,
        shape,
        name,
        uri: pathToFileURL(join(this.folder, name)).href,
        language: shape.jsx ? 'typescriptreact' : 'typescript',
        text: moduleText(source, shape, imports),
        from,
        constants,
      };
    });
    this.#byName = new Map(this.#modules.map((module) => [module.name, module]));
    return this.#modules;
  }

  /** The modules as composed last, from top to bottom. */
  get all(): readonly Module[] {
    return this.#modules;
  }

  /** The module of a cell; undefined where there is none. */
  of(cell: string): Module | undefined {
    return this.#modules.find((module) => module.cell === cell);
  }

  /** The module that a document of the language server is; its addresses may be written in another way than ours. */
  at(uri: string): Module | undefined {
    return this.#byName.get(uri.slice(uri.lastIndexOf('/') + 1));
  }

  #shape(cell: string, source: string): CellShape {
    const known = this.#shapes.get(cell);
    if (known?.source === source) return known.shape;
    const shape = readCell(source);
    this.#shapes.set(cell, { source, shape });
    return shape;
  }

  #name(cell: string, jsx: boolean): string {
    const number = this.#numbers.get(cell) ?? this.#numbers.size;
    this.#numbers.set(cell, number);
    return `${this.#prefix}${number}.ts${jsx ? 'x' : ''}`;
  }
}

/** A stretch of a document as a stretch of the cell's text; null when it begins in the line that nobody sees. */
export function toRange({ source }: Module, range: Range): { from: number; to: number } | null {
  const from = toOffset(source, range.start);
  const to = toOffset(source, range.end);
  return from === null || to === null ? null : { from, to: Math.max(from, to) };
}

/** Takes our file names out of what the language server says about types. */
export const withoutNames = (text: string): string =>
  text
    .replace(new RegExp(`(?:typeof )?import\\("[^"]*${PREFIX}\\d+_\\d+"\\)\\.`, 'g'), '')
    .replace(new RegExp(`"[^"]*${PREFIX}\\d+_\\d+"`, 'g'), 'another cell');
