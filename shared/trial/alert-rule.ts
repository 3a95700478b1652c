/** Conditions of alert rules in words: what a person writes, read; and what was read, in a sentence. */
import type { Comparison, Condition } from './alert.ts';

/** Forms that are understood, for messages and for help. */
export const RULE_FORMS = [
  'val_loss has not improved for 20 epochs',
  'accuracy (higher is better) has not improved for 500 steps',
  'loss > 10',
  'any metric is NaN',
  'loss is flat for 500 steps within 1 %',
  'no points for 60 s',
  'no heartbeat for 20 s',
] as const;

/** A rule that cannot be read. */
export class BadRule extends Error {
  override readonly name = 'BadRule';
}

const KEY = /(?:"(?<quoted>(?:[^"\\]|\\.)+)"|(?<bare>\S+))/.source;
const COUNT = /(?<count>[\d,_]+)/.source;
const TIME = /(?<amount>\d+(?:\.\d+)?)\s*(?<scale>ms|s|sec|seconds?|m|min|minutes?|h|hours?)/.source;
const form = (source: string): RegExp => new RegExp(`^${source.replaceAll(' ', '\\s+')}$`, 'i');

const IMPROVED = form(
  `${KEY}(?: \\((?<direction>lower|higher) is better\\))? (?:has not|hasn't|did not) improved? (?:for|in) ${COUNT} (?<unit>epochs?|points?|steps?)`,
);
const BROKEN = form(`(?:(?<any>any metric|anything)|${KEY}) is (?:NaN|not finite|infinite|∞|NaN or infinite|NaN or ∞)`);
const FLAT = form(
  `${KEY} is (?:flat|on a plateau) (?:for|over) ${COUNT} steps?(?: within (?<within>\\d+(?:\\.\\d+)?)\\s*%)?`,
);
const SILENT = form(`no (?:new )?points?(?: of ${KEY})? for ${TIME}`);
const HEARTLESS = form(`no heartbeat for ${TIME}`);
const COMPARED = form(
  `${KEY}\\s*(?<comparison>>=|<=|≥|≤|>|<)\\s*(?<value>[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[-+]?\\d+)?)`,
);
const COMPARED_TIGHT =
  /^(?<bare>[^\s<>=≤≥"]+)\s*(?<comparison>>=|<=|≥|≤|>|<)\s*(?<value>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/i;

/**
 * Reads a condition.
 * @throws BadRule that says what was not understood, and what would be
 */
export function parseRule(text: string): Condition {
  const line = text.trim();
  if (line === '') throw new BadRule(`the rule is empty; write for example: ${RULE_FORMS[0]}`);
  let found = IMPROVED.exec(line)?.groups;
  if (found) {
    const key = keyOf(found);
    const higher = found.direction ? found.direction.toLowerCase() === 'higher' : HIGHER.test(key);
    const unit = /^step/i.test(found.unit ?? '') ? 'steps' : 'points';
    return { type: 'not-improved', key, better: higher ? 'higher' : 'lower', count: countOf(found), unit };
  }
  found = BROKEN.exec(line)?.groups;
  if (found) return { type: 'not-finite', key: found.any ? null : keyOf(found) };
  found = FLAT.exec(line)?.groups;
  if (found) {
    const within = Number(found.within ?? 1) / 100;
    return { type: 'plateau', key: keyOf(found), steps: countOf(found), within };
  }
  found = HEARTLESS.exec(line)?.groups;
  if (found) return { type: 'no-heartbeat', seconds: secondsOf(found) };
  found = SILENT.exec(line)?.groups;
  if (found) {
    return { type: 'no-points', key: found.quoted || found.bare ? keyOf(found) : null, seconds: secondsOf(found) };
  }
  found = (COMPARED_TIGHT.exec(line) ?? COMPARED.exec(line))?.groups;
  if (found) {
    const comparison = COMPARISON[found.comparison ?? ''];
    if (comparison) return { type: 'compared', key: keyOf(found), comparison, value: Number(found.value) };
  }
  throw new BadRule(`"${line}" is not understood; write for example: ${RULE_FORMS.join(' · ')}`);
}

const COMPARISON: Readonly<Record<string, Comparison>> = {
  '>': '>',
  '<': '<',
  '>=': '>=',
  '<=': '<=',
  '≥': '>=',
  '≤': '<=',
};

/** Metrics of which more is better, when nothing is said. */
const HIGHER = /acc|auc|f1|precision|recall|r2|reward|score/i;

type Groups = Record<string, string | undefined>;

function keyOf({ quoted, bare }: Groups): string {
  return quoted === undefined ? (bare ?? '') : quoted.replace(/\\(.)/g, '$1');
}

function countOf({ count = '' }: Groups): number {
  const value = Number(count.replace(/[,_]/g, ''));
  if (!(Number.isSafeInteger(value) && value >= 1)) {
    throw new BadRule(`"${count}" is no count; give a whole number from 1`);
  }
  return value;
}

/** How many seconds each is. */
const SCALE: readonly (readonly [RegExp, number])[] = [
  [/^ms$/i, 0.001],
  [/^s/i, 1],
  [/^m/i, 60],
  [/^h/i, 3600],
];

function secondsOf({ amount = '', scale = '' }: Groups): number {
  const factor = SCALE.find(([name]) => name.test(scale))?.[1] ?? 1;
  const seconds = Number(amount) * factor;
  if (!(seconds >= 1)) throw new BadRule(`"${amount} ${scale}" is too short; give at least 1 s`);
  return seconds;
}

/** The key as it is written in a rule. */
export const quoteKey = (key: string): string =>
  /^[^\s"<>=≤≥]+$/.test(key) ? key : `"${key.replace(/["\\]/g, (character) => `\\${character}`)}"`;

/** A condition as a sentence that {@link parseRule} reads. */
export function ruleText(condition: Condition): string {
  switch (condition.type) {
    case 'not-improved': {
      const { key, better, count, unit } = condition;
      return `${quoteKey(key)} (${better} is better) has not improved for ${count} ${unit === 'steps' ? 'steps' : 'epochs'}`;
    }
    case 'compared':
      return `${quoteKey(condition.key)} ${condition.comparison} ${condition.value}`;
    case 'not-finite':
      return `${condition.key === null ? 'any metric' : quoteKey(condition.key)} is NaN or infinite`;
    case 'plateau':
      return `${quoteKey(condition.key)} is flat for ${condition.steps} steps within ${Number((condition.within * 100).toFixed(6))} %`;
    case 'no-points':
      return `no points${condition.key === null ? '' : ` of ${quoteKey(condition.key)}`} for ${condition.seconds} s`;
    case 'no-heartbeat':
      return `no heartbeat for ${condition.seconds} s`;
  }
}
