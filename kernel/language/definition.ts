/** Where a name is defined: in a cell, or in a file outside the notebook, which is shown as it is on disk. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { LanguageAnswer } from '@trialroom/shared/language/language';
import type * as lsp from 'vscode-languageserver-types';
import { GLOBALS, GLOBALS_FILE } from './folder.ts';
import { type Module, type Modules, toRange } from './modules.ts';
import type { Ask } from './service.ts';
import { toPosition } from './virtual.ts';

export type Place = lsp.Location | lsp.LocationLink;

/** The address that a definition of the server's leads to, whichever of its two forms it has. */
export const uriOf = (place: Place): string => ('uri' in place ? place.uri : place.targetUri);
/** The stretch that a definition names: that of the name itself, where it is told apart. */
export const rangeOf = (place: Place): lsp.Range => ('range' in place ? place.range : place.targetSelectionRange);

/** Places where what stands at a position is defined. */
export async function definitionsAt(module: Module, position: lsp.Position, ask: Ask): Promise<Place[]> {
  const found = await ask<Place | Place[] | null>('textDocument/definition', module, { position });
  return found === null ? [] : Array.isArray(found) ? found : [found];
}

/** Where a name is defined: in a cell of this notebook, or in a file. */
export async function definition(
  modules: Modules,
  module: Module,
  offset: number,
  ask: Ask,
): Promise<Extract<LanguageAnswer, { ask: 'definition' }>> {
  const places = await definitionsAt(module, toPosition(module.source, offset), ask);
  for (const place of places) {
    const target = modules.at(uriOf(place));
    const range = target && toRange(target, rangeOf(place));
    if (target && range) return { ask: 'definition', definition: { cell: target.cell, ...range } };
  }
  for (const place of places) {
    const uri = uriOf(place);
    if (modules.at(uri)) continue;
    const line = rangeOf(place).start.line + 1;
    const ours = uri.endsWith(`/${GLOBALS_FILE}`);
    const file = ours ? 'globals.d.ts' : uri.startsWith('file:') ? fileURLToPath(uri) : uri;
    const text = ours ? GLOBALS : uri.startsWith('file:') ? await readFile(file, 'utf8').catch(() => null) : null;
    if (text !== null) return { ask: 'definition', definition: { file, line, text } };
  }
  return { ask: 'definition', definition: null };
}
