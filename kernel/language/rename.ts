/**
 * Renaming across cells. The language server renames within one module, since each of our first lines is where a name
 * changes hands; so it is asked for the cell that defines the name and for each cell that has it from there.
 */
import type { LanguageAnswer } from '@trialroom/shared/language/language';
import type * as lsp from 'vscode-languageserver-types';
import { definitionsAt, type Place, rangeOf, uriOf } from './definition.ts';
import { type Module, type Modules, toRange } from './modules.ts';
import type { Ask } from './service.ts';
import { headIndex, readCell, toPosition } from './virtual.ts';

type Answer = Extract<LanguageAnswer, { ask: 'rename' }>;

const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu;

/** The replacements that give a name another one in all cells, or why that cannot be done. */
export async function rename(modules: Modules, module: Module, offset: number, to: string, ask: Ask): Promise<Answer> {
  const refused = (problem: string): Answer => ({ ask: 'rename', edits: [], cells: [], problem });
  const name = wordAt(module.source, offset);
  if (!isName(name?.startsWith('#') ? to.replace(/^#/, '') : to))
    return refused(`"${to}" cannot be a name in TypeScript.`);
  if (name === undefined) return refused('There is no name here.');
  const first = await edits(module, toPosition(module.source, offset), name.startsWith('#') ? privately(to) : to, ask);
  if (first === null) return refused(`"${name}" cannot be renamed.`);
  // At a keyword the language server renames what stands behind it.
  if (!first.some(({ uri, edit }) => modules.at(uri) === module && covers(module, edit, offset)))
    return refused('There is no name here.');
  // Where the first line takes part, the name belongs to more cells than this one.
  const shared = first.some(({ uri, edit }) => modules.at(uri)?.cell === module.cell && edit.range.start.line === 0);
  const exported = !shared && (await isExported(modules, module, name, offset, ask));
  const all = shared || exported ? [...first, ...(await elsewhere(modules, module, name, to, ask))] : first;
  const outside = all.find(({ uri }) => !modules.at(uri));
  if (outside) return refused(`"${name}" is defined outside the notebook, in ${fileName(outside.uri)}.`);
  const changes: Answer['edits'] = [];
  const done = new Set<string>();
  for (const { uri, edit } of all) {
    const target = modules.at(uri);
    const range = target && toRange(target, edit.range);
    if (!target || !range) continue;
    const key = `${target.name} ${range.from}`;
    if (done.has(key)) continue;
    done.add(key);
    changes.push({ cell: target.cell, ...range, insert: edit.newText });
  }
  const changed = [...new Set(changes.map(({ cell }) => modules.of(cell)))].filter((one) => one !== undefined);
  const taken = changed.find((one) => one.shape.defines.has(to) || one.from.has(to));
  if (taken && (shared || exported)) return refused(`"${to}" already means something else in the notebook.`);
  return changes.length > 0
    ? { ask: 'rename', edits: changes, cells: changed.map(({ cell, source }) => ({ cell, source })), problem: null }
    : refused(`"${name}" cannot be renamed.`);
}

const covers = (module: Module, { range }: lsp.TextEdit, offset: number): boolean => {
  const place = toRange(module, range);
  return place !== null && place.from <= offset && offset <= place.to;
};

/** A name as one of a class's own. */
const privately = (name: string): string => (name.startsWith('#') ? name : `#${name}`);

interface Edit {
  uri: string;
  edit: lsp.TextEdit;
}

async function edits(module: Module, position: lsp.Position, newName: string, ask: Ask): Promise<Edit[] | null> {
  const found = await ask<lsp.WorkspaceEdit | null>('textDocument/rename', module, { position, newName }).catch(
    () => null,
  );
  if (found === null) return null;
  const all = [
    ...Object.entries(found.changes ?? {}).map(([uri, list]) => ({ uri, list })),
    ...(found.documentChanges ?? []).flatMap((change) =>
      'edits' in change
        ? [{ uri: change.textDocument.uri, list: change.edits.filter((edit) => 'newText' in edit) }]
        : [],
    ),
  ];
  return all.flatMap(({ uri, list }) => list.map((edit) => ({ uri, edit })));
}

/** The edits in the cell that a name comes from, and in the other cells that have it from there. */
async function elsewhere(modules: Modules, module: Module, name: string, to: string, ask: Ask): Promise<Edit[]> {
  const source = module.from.get(name) ?? module.cell;
  const found = await Promise.all(
    modules.all.map(async (other) => {
      if (other.cell !== source && other.from.get(name) !== source) return [];
      const position = await placeOf(modules, other, name, ask);
      return position ? ((await edits(other, position, to, ask)) ?? []) : [];
    }),
  );
  return found.flat();
}

/** Where a module declares the name, or, for one from another cell, where its first line imports it. */
async function placeOf(modules: Modules, module: Module, name: string, ask: Ask): Promise<lsp.Position | undefined> {
  const index = headIndex(module.text, name);
  if (module.from.has(name)) return index < 0 ? undefined : { line: 0, character: index };
  const at = [...module.source.matchAll(WORD)].find(([word]) => word === name)?.index ?? -1;
  const from = index >= 0 ? { line: 0, character: index } : toPosition(module.source, at);
  const [place] = await definitionsAt(module, from, ask);
  if (!place || modules.at(uriOf(place)) === module) return place && rangeOf(place).start;
  // Imported from a file: what the cell itself says of it is where that import, or a use, leads to the same place.
  for (const { 0: word, index: offset } of module.source.matchAll(WORD)) {
    if (word !== name) continue;
    const [there] = await definitionsAt(module, toPosition(module.source, offset), ask);
    if (there && sameStart(there, place)) return toPosition(module.source, offset);
  }
  return undefined;
}

const sameStart = (a: Place, b: Place): boolean =>
  uriOf(a) === uriOf(b) &&
  rangeOf(a).start.line === rangeOf(b).start.line &&
  rangeOf(a).start.character === rangeOf(b).start.character;

const fileName = (uri: string): string => decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));

/** Whether the name at an offset is one that the cell exports itself, not one of an inner scope. */
async function isExported(modules: Modules, module: Module, name: string, offset: number, ask: Ask): Promise<boolean> {
  if (module.shape.defines.get(name)?.exported !== true) return false;
  const [here] = await definitionsAt(module, toPosition(module.source, offset), ask);
  const there = await placeOf(modules, module, name, ask);
  const start = here && rangeOf(here).start;
  return start !== undefined && start.line === there?.line && start.character === there.character;
}

function wordAt(source: string, offset: number): string | undefined {
  for (const { 0: word, index } of source.matchAll(new RegExp(`#?${WORD.source}`, 'gu')))
    if (index <= offset && offset <= index + word.length) return word;
  return undefined;
}

/** True when it can be declared. */
const isName = (text: string): boolean => {
  const shape = readCell(`let ${text} = 0;`);
  return shape.whole && shape.defines.size === 1 && shape.defines.has(text);
};
