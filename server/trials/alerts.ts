/**
 * Rules that watch trials: each process looks after the trials whose points become durable in it; see `watched.ts` for what
 * is known of a rule and a trial.
 */
import type { Person } from '@trialroom/shared/policy/policy';
import { type AlertRule, concerns, type Sighting, watch } from '@trialroom/shared/trial/alert';
import type { TrialEvent } from '@trialroom/shared/trial/event';
import { fromWire, type PointColumns } from '@trialroom/shared/trial/points';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import type { Database } from '../database/database.ts';
import type { Hub } from '../live/hub.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { CODE } from '../metrics/points.ts';
import { Seqs } from '../metrics/seqs.ts';
import { createBest } from './best.ts';
import { listEvents, type NewEvent } from './events.ts';
import { addRule, editRule, listRules, type NewRule, type RuleChange, removeRule } from './rules.ts';
import { alertOf, caughtUp, raisedOf, rulesOf, takenBack, type Watched } from './watched.ts';

export interface Alerts {
  rules(experiment: string): Promise<AlertRule[]>;
  /** @throws Refusal (404; 422 for a rule that cannot be read, or that names a metric nobody has logged) */
  add(experiment: string, rule: NewRule, by: Pick<Person, 'id' | 'name' | 'colour'>): Promise<AlertRule>;
  /** A rule that watches for something else begins anew. @throws Refusal (404; 422 as of {@link add}) */
  edit(experiment: string, rule: string, change: RuleChange): Promise<AlertRule>;
  /** @throws Refusal (404) */
  remove(experiment: string, rule: string): Promise<void>;
  /** Points became durable here. A number that was seen is not looked at again. */
  seen(trial: string, seq: number, columns: readonly PointColumns[]): void;
  /** Events of a trial became durable here; rules that its code gives are among them. */
  happened(trial: string, events: readonly Pick<TrialEvent, 'kind'>[]): void;
  /** The trial's kernel is alive. */
  heard(trial: string): void;
  /** What is known of a trial: one that waits is not expected to log, one that is over is no longer looked after. */
  changed(trial: Trial): void;
  /** A trial is looked after here from now on. */
  begin(trial: string): void;
  /** Whether it is. */
  has(trial: string): boolean;
  /** It no longer is. Resolves when all that was raised is durable. */
  end(trial: string): Promise<void>;
  /** Time goes by; called about once a second. */
  tick(): void;
  /** Resolves when all that was raised so far is durable. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface AlertsOptions {
  db: Database;
  hub: Pick<Hub, 'publish' | 'subscribe'>;
  metrics: Pick<Metrics, 'series' | 'keys' | 'raw'>;
  find: (trial: string) => Promise<Trial>;
  note: (trial: string, events: readonly NewEvent[]) => Promise<void>;
  onFault: (error: unknown) => void;
  /** ms since the epoch. */
  now?: () => number;
}

interface Looked {
  id: string;
  experiment: string | null;
  rules: Watched[];
  /** The batches that were looked at. */
  seen: Seqs;
  heardAt: number;
  waits: boolean;
  best: ReturnType<typeof createBest>;
  /** What is still to be done, in order; points wait here too until the rules are known. */
  last: Promise<void>;
}

/** Says in every process that the rules of an experiment changed. */
const CHANNEL = 'alert-rules';

const TICK_MS = 1000;

export async function createAlerts({
  db,
  hub,
  metrics,
  find,
  note,
  onFault,
  now = Date.now,
}: AlertsOptions): Promise<Alerts> {
  const looked = new Map<string, Looked>();

  const say = (one: Looked, events: readonly NewEvent[]): void => {
    if (events.length > 0) one.last = one.last.then(() => note(one.id, events)).catch(onFault);
  };

  const look = (one: Looked, rules: readonly Watched[], sighting: Sighting): void => {
    const events: NewEvent[] = [];
    for (const each of rules) {
      const [state, change] = watch(each.rule.condition, each.state, sighting);
      each.state = state;
      if (change) events.push(alertOf(each.rule, change, sighting));
    }
    say(one, events);
  };

  const load = async (one: Looked): Promise<void> => {
    const trial = await find(one.id);
    one.experiment = trial.experimentId;
    const [rules, raised] = await Promise.all([rulesOf(db, trial), raisedOf(db, trial.id)]);
    const kept = new Map(one.rules.map((each) => [each.rule.rule, each]));
    const next: Watched[] = [];
    for (const rule of rules) {
      const known = kept.get(rule.rule);
      const same = known?.rule.when === rule.when;
      if (same) kept.delete(rule.rule);
      // A rule may hold from its beginning on: it is looked at when the next point or second comes.
      const before = !known && raised.has(rule.rule);
      next.push(same ? Object.assign(known, { rule }) : await caughtUp(metrics, trial.id, rule, before, now()));
    }
    one.rules = next;
    say(
      one,
      [...kept.values()].filter(({ state }) => state.raised).map(({ rule }) => takenBack(rule)),
    );
  };

  /** What was best before this process looked is no news. */
  const judge = async (one: Looked): Promise<void> => {
    const { id, objective } = await find(one.id);
    one.best.judgedBy(objective);
    if (!objective) return;
    const [[series], [told]] = await Promise.all([
      metrics.series({ trial: id, keys: [objective.key] }, { width: 1 }),
      listEvents(db, id, { kinds: ['best'], limit: 1 }),
    ]);
    const { steps = [], values = [] } = series?.points ?? {};
    const points = steps.map((step, at) => ({ step: fromWire(step), value: fromWire(values[at] ?? 'NaN') }));
    one.best.before(points, told?.data.value);
  };

  const unsubscribe = await hub.subscribe(CHANNEL, (message) => {
    const experiment: unknown = typeof message === 'object' && message ? Reflect.get(message, 'experiment') : null;
    for (const one of looked.values()) {
      if (one.experiment === experiment) one.last = one.last.then(() => load(one)).catch(onFault);
    }
  });

  const end = async (trial: string): Promise<void> => {
    const one = looked.get(trial);
    if (!one) return;
    looked.delete(trial);
    await one.last;
    say(one, one.best.rest());
    await one.last;
  };

  const tick = (): void => {
    const at = now();
    for (const one of looked.values()) {
      one.last = one.last.then(() => {
        look(one, one.rules, { type: 'tick', now: at, heartbeat: one.heardAt, waits: one.waits });
        say(one, one.best.due(at));
      });
    }
  };
  const timer = setInterval(tick, TICK_MS);
  timer.unref();

  return {
    rules: (experiment) => listRules(db, experiment),
    add: async (experiment, rule, by) => {
      const made = await addRule(db, metrics, experiment, rule, by);
      await hub.publish(CHANNEL, { experiment });
      return made;
    },
    edit: async (experiment, rule, change) => {
      const edited = await editRule(db, metrics, experiment, rule, change);
      await hub.publish(CHANNEL, { experiment });
      return edited;
    },
    remove: async (experiment, rule) => {
      await removeRule(db, experiment, rule);
      await hub.publish(CHANNEL, { experiment });
    },
    begin: (trial) => {
      const one: Looked = {
        ...{ id: trial, experiment: null, rules: [], seen: new Seqs(), heardAt: now(), waits: false },
        best: createBest(),
        // What it had raised before becomes known first.
        last: looked.get(trial)?.last ?? Promise.resolve(),
      };
      looked.set(trial, one);
      one.last = one.last
        .then(() => load(one))
        .then(() => judge(one))
        .catch(onFault);
    },
    seen: (trial, seq, columns) => {
      const one = looked.get(trial);
      if (!one || one.seen.has(CODE, seq)) return;
      one.seen.add(CODE, seq);
      const at = now();
      one.heardAt = at;
      one.last = one.last.then(() => {
        const rules = one.rules.filter(({ read }) => !read.has(CODE, seq));
        for (const { key, steps, values } of columns) {
          const concerned = rules.filter(({ rule }) => concerns(rule.condition, key));
          if (concerned.length === 0 && !one.best.concerns(key)) continue;
          for (const [index, step] of steps.entries()) {
            const value = values[index] ?? Number.NaN;
            look(one, concerned, { type: 'point', key, step, value, now: at });
            one.best.point(key, step, value);
          }
        }
        say(one, one.best.due(at));
      });
    },
    happened: (trial, events) => {
      const one = looked.get(trial);
      if (one && events.some(({ kind }) => kind === 'watch')) one.last = one.last.then(() => load(one)).catch(onFault);
    },
    heard: (trial) => {
      const one = looked.get(trial);
      if (one) one.heardAt = now();
    },
    changed: ({ id, status, release, objective }) => {
      const one = looked.get(id);
      if (!one) return;
      one.waits = status === 'paused' || status === 'lost';
      one.best.judgedBy(objective);
      if (release === 'done' || (isOver(status) && status !== 'lost')) end(id).catch(onFault);
    },
    has: (trial) => looked.has(trial),
    end,
    tick,
    settled: async () => {
      // What is done may add what is to be done.
      for (let round = 0; round < 3; round++) await Promise.all([...looked.values()].map(({ last }) => last));
    },
    close: async () => {
      clearInterval(timer);
      await unsubscribe();
      await Promise.all([...looked.values()].map(({ last }) => last));
    },
  };
}
