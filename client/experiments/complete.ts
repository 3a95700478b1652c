/** What could stand at the caret of the query line: names, and values of the name before it. Pure. */
import type { Catalogue } from '@trialroom/shared/api/experiments';
import { QUALITIES } from '@trialroom/shared/trial/filter/types';
import { quote } from '@trialroom/shared/trial/filter/values';

export interface Completion {
  /** What is written for it. */
  text: string;
  detail: string;
}

export interface Completions {
  /** What is replaced, in UTF-16 units. */
  from: number;
  to: number;
  items: Completion[];
}

const MOST = 12;

const NAMES: readonly Completion[] = [
  { text: 'status:', detail: 'running, failed, …' },
  { text: 'tag:', detail: 'has this tag' },
  { text: 'by:', detail: 'who started it' },
  { text: 'experiment:', detail: 'of this experiment' },
  { text: 'started:>', detail: 'since, such as 7d' },
  { text: 'since:', detail: 'since a day' },
  { text: 'is:', detail: 'starred, archived, mine, …' },
  { text: 'name:', detail: 'in its name' },
  { text: 'note:', detail: 'in its note' },
  { text: 'notebook:', detail: 'in its path' },
  { text: 'objective >', detail: 'what it is judged by' },
  { text: 'ran >', detail: 'how long, such as 2h' },
  { text: 'not ', detail: 'the opposite' },
];

const plain = (text: string): string => (/^[\p{L}\p{N}_@%][\p{L}\p{N}_.@%/-]*$/u.test(text) ? text : quote(text));

/** What fits at `caret` of `text`; no item when nothing does. */
export function completionsAt(text: string, caret: number, catalogue: Catalogue | null): Completions {
  const before = text.slice(0, caret);
  const [, name, operator, typedValue] = /([\w.]+)(:|\s*(?:!?=|~)\s*)("?[^\s(),"]*)$/u.exec(before) ?? [];
  if (name !== undefined && operator !== undefined) {
    const typed = (typedValue ?? '').replace(/^"/, '');
    const from = caret - (typedValue ?? '').length;
    return { from, to: caret, items: chosen(typed, valuesOf(name, catalogue)) };
  }
  const [typed = ''] = /[^\s()=<>!~,:"]*$/.exec(before) ?? [];
  const items = [
    ...NAMES,
    ...(catalogue?.metrics ?? []).map(({ name, count }) => ({
      text: `${plain(name)} >`,
      detail: `metric of ${count}`,
    })),
    ...(catalogue?.params ?? []).map(({ name, distinct }) => ({
      text: `params.${plain(name)} =`,
      detail: distinct === 1 ? 'parameter' : `parameter, ${distinct} values`,
    })),
    ...(catalogue?.summary ?? []).map(({ name }) => ({ text: `summary.${plain(name)} =`, detail: 'summary' })),
  ];
  return {
    from: caret - typed.length,
    to: caret,
    items: typed === '' && before.trim() !== '' ? [] : chosen(typed, items),
  };
}

function valuesOf(name: string, catalogue: Catalogue | null): Completion[] {
  const counted = (list: readonly { name: string; count: number }[] | undefined): Completion[] =>
    (list ?? []).map((one) => ({ text: plain(one.name), detail: String(one.count) }));
  switch (name.toLowerCase()) {
    case 'status':
      return counted(catalogue?.statuses);
    case 'tag':
      return counted(catalogue?.tags);
    case 'by':
      return counted(catalogue?.people);
    case 'experiment':
      return counted(catalogue?.experiments);
    case 'is':
      return QUALITIES.map((text) => ({ text, detail: '' }));
    default:
      return [];
  }
}

/** Those that begin with what was typed, then those that hold it. */
function chosen(typed: string, items: readonly Completion[]): Completion[] {
  const wanted = typed.toLowerCase();
  const rank = ({ text }: Completion): number => {
    const at = text
      .toLowerCase()
      .replace(/^(params|summary)\./, '')
      .indexOf(wanted);
    return at < 0 ? (text.toLowerCase().startsWith(wanted) ? 1 : -1) : at === 0 ? 0 : 2;
  };
  return items
    .filter((item) => rank(item) >= 0 && item.text.toLowerCase() !== wanted)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, MOST);
}
