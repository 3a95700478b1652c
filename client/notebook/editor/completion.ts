/** Completion while typing: names from types and from the running kernel, merged by the server. */
import {
  acceptCompletion,
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
  selectedCompletion,
} from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import { type Extension, Prec } from '@codemirror/state';
import { type EditorView, keymap } from '@codemirror/view';
import type { CompletionItem } from '@trialroom/shared/language/language';
import { asked, type CodeHelp, element, helpText, liveMark } from './help.ts';

/** How long typing must pause before a question is asked, in ms. */
const PAUSE = 60;

/** How long one must rest on a name until it is asked what it is, in ms: keys that are held run past it. */
const REST = 120;

/** One letter a kind, in the voice of the machine. */
const LETTERS: Readonly<Record<CompletionItem['kind'], string>> = {
  function: 'ƒ',
  method: 'ƒ',
  class: 'C',
  interface: 'I',
  variable: 'v',
  constant: 'k',
  property: 'p',
  type: 'T',
  enum: 'E',
  keyword: '·',
  namespace: 'N',
  text: '·',
};

interface Offered extends Completion {
  /** Place in the answer, which settles between equals. */
  place: number;
  live: boolean;
  letter: string;
}

/** Offers names while one types, and on request. */
export function completion(help: CodeHelp): Extension {
  const source = async (context: CompletionContext): Promise<CompletionResult | null> => {
    if (!help.mayEdit() || !(context.explicit || wanted(context))) return null;
    const abort = new AbortController();
    context.addEventListener('abort', () => abort.abort(), { onDocChange: true });
    const answer = await help.ask({ ask: 'complete', ...asked(help, context.state, context.pos) }, abort.signal);
    // Whoever has gone elsewhere meanwhile is not called back.
    if (!answer || answer.from > context.pos || context.view?.hasFocus === false) return null;
    const word = context.state.sliceDoc(answer.from, context.pos);
    // A name that is written out needs no completing.
    if (answer.items.every(({ label }) => !context.explicit && label === word)) return null;
    return {
      from: answer.from,
      options: answer.items.map((item, place) =>
        offer(item, place, () => describe(help, context.view, answer.from, item)),
      ),
      // An answer that holds all there is need not be asked for again while the word grows.
      ...(answer.incomplete ? {} : { validFor: /^[\w$\u00aa-\uffff]*$/ }),
    };
  };
  return [
    autocompletion({
      override: [source],
      activateOnTypingDelay: PAUSE,
      icons: false,
      compareCompletions: (a, b) => placeOf(a) - placeOf(b),
      maxRenderedOptions: 60,
      tooltipClass: () => 'help-complete',
      addToOptions: [
        {
          render: (item) => ('letter' in item ? element('span', 'help-kind', String(item.letter)) : null),
          position: 20,
        },
        { render: (item) => ('live' in item && item.live ? liveMark() : null), position: 90 },
      ],
    }),
    Prec.high(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
  ];
}

/** Whether what was just typed can be the beginning of a name. */
function wanted(context: CompletionContext): boolean {
  const { state, pos } = context;
  const node = syntaxTree(state).resolveInner(pos, -1);
  if (/Comment/.test(node.name)) return false;
  if (/String/.test(node.name)) return /^(Import|Export)Declaration$/.test(node.parent?.name ?? '');
  const before = context.matchBefore(/(?:[\w$\u00aa-\uffff]+|\.)$/);
  return before !== null && !/^\d/.test(before.text) && !/\d\.$/.test(state.sliceDoc(Math.max(0, pos - 2), pos));
}

/** What the detail says of the kind is said by the letter, and the name stands there already. */
export function said({ label, kind, detail }: CompletionItem): { letter: string; detail: string | undefined } {
  const word = /^(function|class|interface|type|enum|namespace|const|let|var) /.exec(detail ?? '')?.[1];
  const letter =
    word === 'function' ||
    word === 'class' ||
    word === 'interface' ||
    word === 'type' ||
    word === 'enum' ||
    word === 'namespace'
      ? LETTERS[word]
      : LETTERS[kind];
  const named = word === undefined ? '' : `${word} ${label}`;
  if (named === '' || !detail?.startsWith(named)) return { letter, detail };
  const rest = detail.slice(named.length).replace(/^:\s*/, '');
  return { letter, detail: rest === '' ? undefined : rest };
}

/**
 * What a name is that came without its type: few come with it, for it takes the language server its time. The text is
 * asked about as it would be with this name in it.
 */
async function describe(
  help: CodeHelp,
  view: EditorView | undefined,
  from: number,
  { label, insert }: CompletionItem,
): Promise<HTMLElement | null> {
  const name = insert ?? label;
  if (!view || !/^[\w$\u00aa-\uffff]+$/.test(name)) return null;
  await new Promise((rested) => setTimeout(rested, REST));
  const { state } = view;
  if (selectedCompletion(state)?.label !== label) return null;
  const source = `${state.sliceDoc(0, from)}${name}${state.sliceDoc(state.selection.main.head)}`;
  const answer = await help.ask({ ask: 'hover', cell: help.cell, source, offset: from });
  return answer?.hover ? helpText(answer.hover.text) : null;
}

const placeOf = (item: Completion): number => ('place' in item ? Number(item.place) : 0);

/** @param tell says what an item is that came without its type */
function offer(item: CompletionItem, place: number, tell: () => Promise<HTMLElement | null>): Offered {
  const { label, kind, insert, documentation, live = false, boost } = item;
  const { letter, detail } = said(item);
  return {
    label,
    type: kind,
    place,
    letter,
    live,
    ...(insert === undefined || insert === label ? {} : { apply: insert }),
    ...(detail === undefined ? {} : { detail }),
    // What is named as an inner matter is seldom meant.
    boost: Math.max(-99, Math.min(99, (boost ?? 0) - (label.startsWith('_') ? 50 : 0))),
    ...(documentation !== undefined ? { info: () => helpText(documentation) } : {}),
    ...(documentation === undefined && item.detail === undefined ? { info: tell } : {}),
  };
}
