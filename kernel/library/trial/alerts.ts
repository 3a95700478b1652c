/** Alerts and notes as a trial's code says them. */
import { type AlertLevel, type CodeRule, MOST_ALERT_TITLE, MOST_RULE } from '@trialroom/shared/trial/alert';
import { BadRule, parseRule, ruleText } from '@trialroom/shared/trial/alert-rule';
import { MOST_EVENT_TEXT, type SaidEvent } from '@trialroom/shared/trial/event';
import { toWire } from '@trialroom/shared/trial/points';

export interface AlertOptions {
  /** `warning` when not given. */
  level?: AlertLevel;
  /** What there is to say beside the title. */
  text?: string;
  step?: number;
}

/** @throws TypeError for a title that is empty or too long, or a level that does not exist */
export function alertSaid(
  title: string,
  { level = 'warning', text = '', step }: AlertOptions,
  newest: number,
): SaidEvent {
  if (typeof title !== 'string' || title.trim() === '' || title.length > MOST_ALERT_TITLE) {
    throw new TypeError(`trial.alert: give a title of 1 to ${MOST_ALERT_TITLE} characters, and the rest as { text }`);
  }
  mustBeLevel(level, 'alert');
  const whole = text === '' ? title : `${title}: ${text}`;
  return {
    kind: 'alert',
    at: Date.now(),
    step: toWire(step ?? newest),
    text: cut(whole),
    data: { title, level, ...(text === '' ? {} : { text: cut(text) }) },
  };
}

/** @throws TypeError for a sentence that cannot be read, with those that can, or a level that does not exist */
export function watchSaid(when: string, level: AlertLevel, step: number): SaidEvent {
  if (typeof when !== 'string' || when.length > MOST_RULE) {
    throw new TypeError(`trial.watch: give a sentence of 1 to ${MOST_RULE} characters`);
  }
  mustBeLevel(level, 'watch');
  const sentence = sentenceOf(when);
  const data: CodeRule = { rule: `code: ${sentence}`, when: sentence, level };
  return { kind: 'watch', at: Date.now(), step: toWire(step), text: `Watches: ${sentence}.`, data };
}

function sentenceOf(when: string): string {
  try {
    return ruleText(parseRule(when));
  } catch (error) {
    if (error instanceof BadRule) throw new TypeError(`trial.watch: ${error.message}`);
    throw error;
  }
}

function mustBeLevel(level: unknown, method: string): void {
  if (level !== 'info' && level !== 'warning' && level !== 'error') {
    throw new TypeError(`trial.${method}: there is no level "${String(level)}"; give info, warning or error`);
  }
}

/** @throws TypeError for a text that is empty */
export function noteSaid(text: string, step: number): SaidEvent {
  if (typeof text !== 'string' || text.trim() === '') throw new TypeError('trial.note: give a text');
  return { kind: 'note', at: Date.now(), step: toWire(step), text: cut(text), data: {} };
}

const cut = (text: string): string => (text.length > MOST_EVENT_TEXT ? `${text.slice(0, MOST_EVENT_TEXT - 1)}…` : text);
