/** What watches the trials of an experiment: rules in words, which those who may control trials add, change and remove. */
import { alerts as api } from '@trialroom/shared/api/endpoints';
import type { AlertRule } from '@trialroom/shared/trial/alert';
import { RULE_FORMS } from '@trialroom/shared/trial/alert-rule';
import { createResource, createSignal, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { Icon } from '../../components/icon.tsx';
import { call, problemOf } from '../../data/api.ts';
import { connection } from '../../data/live.ts';
import { may } from '../../data/me.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { LEVELS, RuleForm } from './rule-form.tsx';
import './alerts.css';

/** @param props.experiment its id: rules watch all of its trials */
export function AlertRules(props: { experiment: string }): JSX.Element {
  const [rules, { refetch, mutate }] = createResource(
    () => props.experiment,
    async (id) => (await call(api.list, { params: { id } })).rules,
  );
  const [adding, setAdding] = createSignal(false);
  /** Id of the rule that is being changed. */
  const [editing, setEditing] = createSignal<string | null>(null);
  const [wrong, setWrong] = createSignal<string | null>(null);
  const shown = (): readonly AlertRule[] => (rules.error ? [] : (rules.latest ?? []));
  const mayChange = (): boolean => may('control') && connection() === 'online';
  const remove = async ({ id, experiment }: AlertRule): Promise<void> => {
    setWrong(null);
    try {
      await call(api.remove, { params: { id: experiment, rule: id } });
      mutate((all) => all?.filter((one) => one.id !== id));
    } catch (error) {
      const { message, fix } = problemOf(error);
      setWrong(`${message} ${fix ?? ''}`.trim());
      void refetch();
    }
  };
  return (
    <section class="rules" aria-label="Alert rules">
      <div class="sh">
        <h2>Watched for</h2>
        <span class="c num">{count(shown().length)}</span>
        <Show when={mayChange() && !adding()}>
          <Button class="r" kind="quiet" icon="plus" onClick={() => setAdding(true)}>
            Add
          </Button>
        </Show>
      </div>
      <Switch>
        <Match when={rules.error}>
          <ProblemNote thrown={rules.error} retry={() => void refetch()} />
        </Match>
        <Match when={shown().length > 0}>
          <ul class="rule-list">
            <For each={shown()}>
              {(rule) => (
                <li class={`al-${rule.level}`}>
                  <Show
                    when={mayChange() && editing() === rule.id}
                    fallback={
                      <>
                        <Icon name="warn" label={LEVELS[rule.level]} />
                        <span title={`${LEVELS[rule.level]}, by ${rule.by.name}`}>{rule.when}</span>
                        <Show when={mayChange()}>
                          <span class="rule-tools">
                            <Button
                              kind="quiet"
                              icon="pencil"
                              aria-label={`Change: ${rule.when}`}
                              title="Change this rule; what it had raised is taken back"
                              onClick={() => setEditing(rule.id)}
                            />
                            <Button
                              kind="quiet"
                              icon="x"
                              aria-label={`Watch no longer: ${rule.when}`}
                              title="Watch for this no longer"
                              onClick={() => void remove(rule)}
                            />
                          </span>
                        </Show>
                      </>
                    }
                  >
                    <RuleForm
                      rule={rule}
                      save={(change) =>
                        call(api.edit, { params: { id: rule.experiment, rule: rule.id }, body: change })
                      }
                      onSaved={(changed) => {
                        mutate((all) => all?.map((one) => (one.id === changed.id ? changed : one)));
                        setEditing(null);
                      }}
                      onCancel={() => setEditing(null)}
                    />
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </Match>
        <Match when={rules.state === 'ready' && !adding()}>
          <p class="i3 sm">No rule yet. One raises an alert here when, say, {RULE_FORMS[0]}.</p>
        </Match>
      </Switch>
      <Show when={wrong()}>
        {(words) => (
          <p class="bad sm" role="alert">
            {words()}
          </p>
        )}
      </Show>
      <Show when={adding()}>
        <RuleForm
          save={(rule) => call(api.add, { params: { id: props.experiment }, body: rule })}
          onSaved={(rule) => {
            mutate((all) => [...(all ?? []), rule]);
            setAdding(false);
          }}
          onCancel={() => setAdding(false)}
        />
      </Show>
    </section>
  );
}
