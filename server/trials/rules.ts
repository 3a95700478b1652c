/** Alert rules in the database. */

import type { Person } from '@trialroom/shared/policy/policy';
import type { AlertLevel, AlertRule } from '@trialroom/shared/trial/alert';
import { BadRule, parseRule, RULE_FORMS, ruleText } from '@trialroom/shared/trial/alert-rule';
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { AlertRuleEntity, ExperimentEntity, TrialEntity } from './entities.ts';
import { storableText } from './storable.ts';

export interface NewRule {
  when: string;
  level: AlertLevel;
  /** Also when no trial has logged the metric yet. */
  anyway?: boolean | undefined;
}

/** What of a rule is to be another. */
export type RuleChange = { [K in keyof NewRule]?: NewRule[K] | undefined };

/** Rules of one experiment at most, and of one trial's own. */
export const MOST_RULES = 100;

/** Newest trials whose metrics are known to a new rule. */
const LOOKED_THROUGH = 20;

export async function listRules(db: Database, experiment: string): Promise<AlertRule[]> {
  const rows = await db.em().find(AlertRuleEntity, { experiment }, { orderBy: { createdAt: 'asc', id: 'asc' } });
  return rows.map(({ id, when, level, by, createdAt }) => ({ id, experiment, when, level, by, createdAt }));
}

/** @throws Refusal (404 without the experiment, 409 when there are too many, 422 for what cannot be watched) */
export async function addRule(
  db: Database,
  metrics: Pick<Metrics, 'keys'>,
  experiment: string,
  { when, level, anyway = false }: NewRule,
  { id: by, name, colour }: Pick<Person, 'id' | 'name' | 'colour'>,
): Promise<AlertRule> {
  if ((await db.em().count(ExperimentEntity, { id: experiment })) === 0) throw unknown('experiment', experiment);
  const sentence = await checked(db, metrics, experiment, when, anyway);
  if ((await db.em().count(AlertRuleEntity, { experiment })) >= MOST_RULES) {
    throw new Refusal(409, {
      error: 'too-many-rules',
      message: `An experiment has at most ${MOST_RULES} alert rules.`,
      fix: 'Remove one that is not needed any more.',
    });
  }
  const rule: AlertRule = {
    ...{ id: ulid(), experiment, when: sentence, level, createdAt: Date.now() },
    by: { id: by, name: storableText(name), colour },
  };
  await db.em().insert(AlertRuleEntity, rule);
  return rule;
}

/** @throws Refusal (404, 422 for what cannot be watched) */
export async function editRule(
  db: Database,
  metrics: Pick<Metrics, 'keys'>,
  experiment: string,
  id: string,
  { when, level, anyway = false }: RuleChange,
): Promise<AlertRule> {
  const em = db.em();
  const row = await em.findOne(AlertRuleEntity, { id, experiment });
  if (!row) throw unknown('alert rule', id);
  if (when !== undefined) row.when = await checked(db, metrics, experiment, when, anyway);
  if (level !== undefined) row.level = level;
  await em.flush();
  const { by, createdAt } = row;
  return { id, experiment, when: row.when, level: row.level, by, createdAt };
}

/** @throws Refusal (404) */
export async function removeRule(db: Database, experiment: string, id: string): Promise<void> {
  if ((await db.em().nativeDelete(AlertRuleEntity, { id, experiment })) === 0) throw unknown('alert rule', id);
}

/** The sentence as it is kept. @throws Refusal (422) */
async function checked(
  db: Database,
  metrics: Pick<Metrics, 'keys'>,
  experiment: string,
  when: string,
  anyway: boolean,
): Promise<string> {
  const condition = read(when);
  if ('key' in condition && condition.key !== null && !anyway) {
    const known = await keysOf(db, metrics, experiment);
    if (known.size > 0 && !known.has(condition.key)) throw unknownMetric(condition.key, known);
  }
  return storableText(ruleText(condition));
}

function read(when: string): ReturnType<typeof parseRule> {
  try {
    return parseRule(when);
  } catch (error) {
    if (!(error instanceof BadRule)) throw error;
    throw new Refusal(422, {
      error: 'rule-unreadable',
      message: error.message,
      where: 'when',
      fix: `Write it as one of: ${RULE_FORMS.join(' · ')}`,
    });
  }
}

async function keysOf(db: Database, metrics: Pick<Metrics, 'keys'>, experiment: string): Promise<Set<string>> {
  const trials = await db
    .em()
    .find(
      TrialEntity,
      { experiment: { id: experiment }, deletedAt: null },
      { fields: ['id'], orderBy: { createdAt: 'desc' }, limit: LOOKED_THROUGH },
    );
  const all = await Promise.all(trials.map(({ id }) => metrics.keys(id)));
  return new Set(all.flatMap((keys) => keys.map(({ key }) => key)));
}

function unknownMetric(key: string, known: ReadonlySet<string>): Refusal {
  const names = [...known].filter((name) => !isSystemMetric(name));
  const listed = names.slice(0, 12).join(', ') + (names.length > 12 ? ` and ${names.length - 12} more` : '');
  return new Refusal(422, {
    error: 'metric-unknown',
    message: `No trial of this experiment has logged "${key}"; they have logged ${listed}.`,
    where: 'when',
    fix: 'Correct the name, or add the rule anyway if a trial will log it.',
  });
}

const unknown = (what: string, id: string): Refusal =>
  new Refusal(404, {
    error: `${what.replace(' ', '-')}-unknown`,
    message: `There is no ${what} "${id}" here.`,
    fix: 'Reload the page; it may have been removed.',
  });
