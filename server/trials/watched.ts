/**
 * Rules as one trial is watched by them: those of its experiment and those that its own code gave, each with what is known
 * of it. That is in memory only, and is made again from the stored points and events, so that nothing is raised twice.
 */
import {
  CodeRule,
  type Condition,
  concerns,
  type Sighting,
  type Watch,
  watch,
  watchFrom,
} from '@trialroom/shared/trial/alert';
import { BadRule, parseRule, ruleText } from '@trialroom/shared/trial/alert-rule';
import { fromWire } from '@trialroom/shared/trial/points';
import type { Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { Seqs } from '../metrics/seqs.ts';
import { listEvents, type NewEvent } from './events.ts';
import { listRules, MOST_RULES } from './rules.ts';

/** What a rule is for one trial. */
export interface Rule extends CodeRule {
  condition: Condition;
}

export interface Watched {
  rule: Rule;
  state: Watch;
  /** The batches that are in its state. */
  read: Seqs;
}

/** The rules of a trial: its experiment's, and then its code's. Those that cannot be read any more are left out. */
export async function rulesOf(db: Database, trial: Trial): Promise<Rule[]> {
  const rules = new Map<string, Rule>();
  for (const { id, when, level } of await listRules(db, trial.experimentId)) keep(rules, { rule: id, when, level });
  const own = new Map<string, Rule>();
  for (const { data } of await eventsOf(db, trial.id, 'watch')) {
    const said = CodeRule.safeParse(data);
    if (said.success && (own.has(said.data.rule) || own.size < MOST_RULES)) keep(own, said.data);
  }
  return [...rules.values(), ...own.values()];
}

function keep(rules: Map<string, Rule>, rule: CodeRule): void {
  try {
    rules.set(rule.rule, { ...rule, condition: parseRule(rule.when) });
  } catch (error) {
    if (!(error instanceof BadRule)) throw error;
  }
}

/** A rule that is looked at from now on, as if it had seen all that is stored. @param now ms since the epoch */
export async function caughtUp(
  metrics: Pick<Metrics, 'raw' | 'keys'>,
  trial: string,
  rule: Rule,
  raised: boolean,
  now: number,
): Promise<Watched> {
  const { condition } = rule;
  let state = watchFrom(now);
  let read = new Seqs();
  const see = (key: string, step: number, value: number): void => {
    [state] = watch(condition, state, { type: 'point', key, step, value, now });
  };
  if (condition.type === 'not-finite') {
    // Only the newest value of each metric matters.
    for (const { key, last, lastStep } of await metrics.keys(trial)) {
      if (concerns(condition, key)) see(key, fromWire(lastStep), fromWire(last));
    }
  } else if (condition.type === 'not-improved' || condition.type === 'plateau') {
    const raw = await metrics.raw(trial, condition.key);
    read = raw.seqs;
    for await (const { steps, values } of raw.slices) {
      for (const [at, step] of steps.entries()) see(condition.key, step, values[at] ?? Number.NaN);
    }
  }
  return { rule, state: { ...state, raised }, read };
}

/** What is said of a rule that begins to hold, or no longer does. */
export function alertOf({ condition, ...rule }: Rule, change: 'raise' | 'clear', sighting: Sighting): NewEvent {
  const title = ruleText(condition);
  const key = sighting.type === 'point' ? { key: sighting.key } : {};
  const data = { title, level: rule.level, rule: rule.rule, ...key };
  if (change === 'clear') return { kind: 'alert', text: `No longer: ${title}.`, data: { ...data, cleared: true } };
  // A rule that held before it was looked at is raised by a point that need not be the one at fault.
  const telling = sighting.type === 'point' && !(condition.type === 'not-finite' && Number.isFinite(sighting.value));
  const value = telling ? ` (${sighting.key} is ${sighting.value})` : '';
  return {
    kind: 'alert',
    text: `${title}${value}.`,
    step: sighting.type === 'point' ? sighting.step : null,
    data,
  };
}

/** What is said of a raised alert whose rule is not there any more, or is another. */
export function takenBack({ rule, level, condition }: Rule): NewEvent {
  const title = ruleText(condition);
  return {
    kind: 'alert',
    text: `No longer watched: ${title}.`,
    data: { title, level, rule, cleared: true },
  };
}

/** Rules whose alert is raised now, as the events tell. */
export async function raisedOf(db: Database, trial: string): Promise<Set<string>> {
  const raised = new Set<string>();
  for (const { data } of await eventsOf(db, trial, 'alert')) {
    if (typeof data.rule !== 'string') continue;
    if (data.cleared === true) raised.delete(data.rule);
    else raised.add(data.rule);
  }
  return raised;
}

/** Events that are read at once. */
const AT_ONCE = 1000;

/** All events of a kind, oldest first. */
async function eventsOf(db: Database, trial: string, kind: 'alert' | 'watch'): ReturnType<typeof listEvents> {
  const all: Awaited<ReturnType<typeof listEvents>> = [];
  for (let after = 0; ; ) {
    const some = await listEvents(db, trial, { kinds: [kind], after, limit: AT_ONCE });
    all.push(...some);
    const last = some.at(-1);
    if (!last || some.length < AT_ONCE) return all;
    after = last.seq;
  }
}
