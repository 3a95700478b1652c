/** The sentence of an alert rule, new or to be changed, and how much it matters. */
import { AlertLevel, type AlertRule } from '@trialroom/shared/trial/alert';
import { RULE_FORMS } from '@trialroom/shared/trial/alert-rule';
import { createSignal, createUniqueId, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { problemOf } from '../../data/api.ts';

/** Levels in words. */
export const LEVELS: Readonly<Record<AlertLevel, string>> = { info: 'Note', warning: 'Warning', error: 'Error' };

/** What to do, unless the message has said the same already. */
const told = ({ message, fix }: ReturnType<typeof problemOf>): string =>
  fix && !message.includes(fix.slice(fix.indexOf(': ') + 2)) ? fix : '';

/** A refused sentence stays, and says why; a metric that nobody has logged yet may be watched all the same. */
export function RuleForm(props: {
  /** The one that is changed; absent: a new one. */
  rule?: AlertRule;
  save: (rule: { when: string; level: AlertLevel; anyway?: boolean }) => Promise<AlertRule>;
  onSaved: (rule: AlertRule) => void;
  onCancel: () => void;
}): JSX.Element {
  const forms = createUniqueId();
  const [level, setLevel] = createSignal<AlertLevel>(props.rule?.level ?? 'warning');
  const [when, setWhen] = createSignal(props.rule?.when ?? '');
  const [busy, setBusy] = createSignal(false);
  const [problem, setProblem] = createSignal<ReturnType<typeof problemOf> | null>(null);
  const save = async (anyway: boolean): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const body = { when: when().trim(), level: level(), ...(anyway ? { anyway } : {}) };
      props.onSaved(await props.save(body));
    } catch (error) {
      setProblem(problemOf(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form
      class="rule-new"
      onSubmit={(event) => {
        event.preventDefault();
        if (when().trim() !== '') void save(false);
      }}
    >
      <input
        aria-label="Raise an alert when"
        aria-invalid={problem() !== null}
        placeholder={RULE_FORMS[0]}
        maxlength={500}
        list={forms}
        value={when()}
        ref={(input) => queueMicrotask(() => input.focus())}
        onInput={(event) => setWhen(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && when() === (props.rule?.when ?? '')) props.onCancel();
        }}
      />
      <datalist id={forms}>
        <For each={RULE_FORMS}>{(form) => <option value={form} />}</For>
      </datalist>
      <Show when={problem()}>
        {(known) => (
          <p class="bad sm" role="alert">
            {known().message} {told(known())}
          </p>
        )}
      </Show>
      <p class="rule-acts">
        <select
          class="pick"
          aria-label="How much it matters"
          value={level()}
          onChange={(event) => setLevel(AlertLevel.parse(event.currentTarget.value))}
        >
          <For each={AlertLevel.options}>{(one) => <option value={one}>{LEVELS[one]}</option>}</For>
        </select>
        <Button type="submit" kind="primary" disabled={busy() || when().trim() === ''}>
          {props.rule ? 'Change' : 'Watch'}
        </Button>
        <Show when={problem()?.error === 'metric-unknown'}>
          <Button disabled={busy()} onClick={() => void save(true)}>
            {props.rule ? 'Change anyway' : 'Watch anyway'}
          </Button>
        </Show>
        <Button onClick={() => props.onCancel()}>Cancel</Button>
      </p>
    </form>
  );
}
