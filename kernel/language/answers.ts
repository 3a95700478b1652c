/** What the language server says, in the words of `shared/language/language.ts`. Pure. */
import type { CompletionItem, Diagnostic, LanguageAnswer } from '@trialroom/shared/language/language';
import type * as lsp from 'vscode-languageserver-types';
import { PREFIX } from './folder.ts';
import { type Module, toRange, withoutNames } from './modules.ts';

/** Most completions in one answer. */
const MOST = 600;
/** So many of them, the first, come with type and documentation, which take the language server its time. */
const TOLD = 3;
/** A list as long as this tells nothing of its first ones while nothing is typed: nobody means them in particular. */
const LONG = 30;

/** CodeMirror's word for each of the protocol's kinds, from 1. */
const KINDS: readonly CompletionItem['kind'][] = [
  ...(['text', 'method', 'function', 'class', 'property', 'variable', 'class', 'interface', 'namespace'] as const),
  ...(['property', 'text', 'constant', 'enum', 'keyword', 'text', 'text', 'text', 'text', 'text'] as const),
  ...(['constant', 'constant', 'class', 'property', 'text', 'type'] as const),
];

const WORD_BEFORE = /[\p{ID_Continue}$\u200c\u200d]*$/u;

/**
 * What fits what was typed, best first.
 * @param resolve asks for the type and the documentation of an item
 */
export async function completions(
  module: Module,
  offset: number,
  list: lsp.CompletionList | lsp.CompletionItem[] | null,
  resolve: (item: lsp.CompletionItem) => Promise<lsp.CompletionItem>,
): Promise<Extract<LanguageAnswer, { ask: 'complete' }>> {
  const items = Array.isArray(list) ? list : (list?.items ?? []);
  const word = offset - (WORD_BEFORE.exec(module.source.slice(0, offset))?.[0].length ?? 0);
  const starts = items.map(({ textEdit }) =>
    textEdit ? (toRange(module, 'range' in textEdit ? textEdit.range : textEdit.insert)?.from ?? offset) : word,
  );
  // Some members are not written behind the dot (`[Symbol.iterator]`) but in its place: they would move all others.
  const from = starts.length === 0 || starts.includes(word) ? word : Math.min(...starts);
  const typed = module.source.slice(from, offset);
  const fitting = items
    .filter(({ label }, index) => starts[index] === from && !label.startsWith(PREFIX))
    .map((item) => ({ item, rank: rank(item.filterText ?? item.label, typed), key: sortKey(item) }))
    .filter(({ rank }) => rank < 4)
    .sort((a, b) => a.rank - b.rank || compare(a.key, b.key));
  const shown = fitting.slice(0, MOST).map(({ item }) => item);
  const count = typed === '' && shown.length > LONG ? 0 : TOLD;
  const told = await Promise.all(shown.slice(0, count).map(resolve));
  return {
    ask: 'complete',
    from,
    items: [...told, ...shown.slice(count)].map(completion),
    incomplete: fitting.length > MOST || (!Array.isArray(list) && list?.isIncomplete === true),
  };
}

/** 0: begins with what was typed; 1: but for capitals; 2: contains it; 3: has its letters in order; 4: does not fit. */
function rank(label: string, typed: string): number {
  if (label.startsWith(typed)) return 0;
  const low = label.toLowerCase();
  const sought = typed.toLowerCase();
  const at = low.indexOf(sought);
  if (at >= 0) return at === 0 ? 1 : 2;
  let next = 0;
  for (const letter of low) if (letter === sought[next]) next++;
  return next === sought.length ? 3 : 4;
}

/** As the language server sorts, then by name; what begins with an underscore is for nobody. */
const sortKey = ({ sortText = '', label }: lsp.CompletionItem): string => {
  const low = label.toLowerCase();
  return `${sortText} ${label.startsWith('_') ? '~' : ''}${low} ${label === low ? 0 : 1}`;
};

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function completion(item: lsp.CompletionItem): CompletionItem {
  const { label, kind, insertText, textEdit, detail, documentation, sortText } = item;
  const insert = textEdit?.newText ?? insertText;
  const said = textOf(documentation);
  return {
    label,
    kind: KINDS[(kind ?? 1) - 1] ?? 'text',
    ...(insert === undefined || insert === label ? {} : { insert }),
    ...(detail === undefined || detail === '' ? {} : { detail: oneLine(detail) }),
    ...(said === undefined || said === '' ? {} : { documentation: withoutNames(said) }),
    // The language server sorts names of the cells (11) before those of everywhere (15) and keywords.
    ...(sortText !== undefined && sortText > '12' ? { boost: -1 } : {}),
  };
}

const oneLine = (detail: string): string =>
  withoutNames(detail)
    .replace(/^\((?:alias|property|method)\) /, '')
    .replace(/\nimport .*$/s, '')
    .replace(/\s+/g, ' ');

/** What the language server says of a name that it does not know. */
const NOTHING = /^\s*```\w*\s+any\s+```\s*$/;

/** What the language server says of a name, as an answer; its `hover` is null where nothing is worth telling. */
export function hover(
  module: Module,
  offset: number,
  said: lsp.Hover | null,
): Extract<LanguageAnswer, { ask: 'hover' }> {
  const text = said === null ? '' : withoutImports(markdown(said.contents));
  if (said === null || text.trim() === '' || NOTHING.test(text)) return { ask: 'hover', hover: null };
  const range = said.range ? toRange(module, said.range) : { from: offset, to: offset };
  return { ask: 'hover', hover: range && { ...range, text } };
}

function markdown(contents: lsp.MarkupContent | lsp.MarkedString | lsp.MarkedString[]): string {
  if (typeof contents === 'string') return contents;
  if (Array.isArray(contents)) return contents.map((part) => markdown(part)).join('\n\n');
  return 'language' in contents ? `\`\`\`${contents.language}\n${contents.value}\n\`\`\`` : contents.value;
}

const textOf = (said: string | lsp.MarkupContent | undefined): string | undefined =>
  typeof said === 'object' ? said.value : said;

/** A name from another cell is no import to those who read. */
const withoutImports = (text: string): string => withoutNames(text).replace(/^\(alias\) (?!module|import)/gm, '');

/** What the language server says of a call, as an answer; its `signature` is null outside of any call. */
export function signature(help: lsp.SignatureHelp | null): LanguageAnswer {
  const overload = help?.activeSignature ?? 0;
  const shown = help?.signatures[overload];
  if (!help || !shown) return { ask: 'signature', signature: null };
  const label = withoutNames(shown.label);
  let searched = 0;
  const parameters = (shown.parameters ?? []).map(({ label: part }) => {
    const text = typeof part === 'string' ? withoutNames(part) : withoutNames(shown.label.slice(...part));
    const from = Math.max(0, label.indexOf(text, searched));
    searched = from + text.length;
    return { from, to: searched };
  });
  const said = textOf(shown.documentation);
  return {
    ask: 'signature',
    signature: {
      label,
      parameters,
      active: shown.activeParameter ?? help.activeParameter ?? 0,
      ...(said === undefined || said === '' ? {} : { documentation: said }),
      overload,
      overloads: help.signatures.length,
    },
  };
}

/** Things that are right in a notebook, whatever they are in a program. */
const RIGHT = new Set([
  // Assigning to a name of another cell: it is a variable there.
  2539,
  // A package without types, and variables whose type only their uses say: nobody can mend that in a notebook.
  7016, 7005, 7034,
  // `import x = require("y")` and `export =`.
  1202, 1203,
]);
/** Assigning to what is imported. Where it comes from another cell, it is what it is there. */
const TO_IMPORT = 2632;
/** Assigning to a constant. */
const TO_CONSTANT = 2588;
/** Types left out in a function, or of what was put on `globalThis`: worth knowing, but nothing is wrong. */
const LEFT_OUT = new Set([2683, 7006, 7010, 7011, 7017, 7019, 7023, 7024, 7031]);
/** What our own first line may have caused when a cell could not be read whole. */
const OURS = new Set([2323, 2440, 2484, 2395, 2300]);

/** By this a cell asks for no remarks but on its grammar. In its module it does not stand where TypeScript looks for it. */
const UNCHECKED = /^\s*(?:\/\/.*\s+)*\/\/\s*@ts-nocheck\b/;
/** Codes of remarks on the grammar. */
const isGrammar = (code: number): boolean => code >= 1000 && code < 2000;

/** The remarks that concern the cell's own text. */
export function remarks(module: Module, report: { items?: lsp.Diagnostic[] } | null): Diagnostic[] {
  const unchecked = UNCHECKED.test(module.source);
  return (report?.items ?? []).flatMap(({ range, severity = 1, code, message }): Diagnostic[] => {
    const number = typeof code === 'number' ? code : undefined;
    if (unchecked && !isGrammar(number ?? 0)) return [];
    // 4 are hints: unused names and suggestions.
    if (severity === 4 || RIGHT.has(number ?? 0)) return [];
    if (!module.shape.whole && OURS.has(number ?? 0)) return [];
    const place = toRange(module, range);
    if (!place) return [];
    const level = LEFT_OUT.has(number ?? 0) || severity === 3 ? 'info' : severity === 2 ? 'warning' : 'error';
    if (number === TO_IMPORT) {
      const name = module.source.slice(place.from, place.to);
      return module.constants.has(name)
        ? [
            {
              ...place,
              severity: 'error',
              message: `Cannot assign to '${name}' because it is a constant.`,
              code: TO_CONSTANT,
            },
          ]
        : [];
    }
    const said = withoutNames(typeof message === 'string' ? message : message.value);
    return [{ ...place, severity: level, message: said, ...(number === undefined ? {} : { code: number }) }];
  });
}
