/** The chip of the kernel in the notebook's bar, and the menu behind it: which tensor engine runs, and why no better one. */
import { BACKEND_ABOUT, BACKEND_LABELS, BACKENDS, isBackend, NOT_ASKED_FOR } from '@trialroom/shared/kernel/backends';
import { type JSX, Match, Show, Switch } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { type Notebook, useNotebook } from '../model.ts';

/** What may be chosen, each with what the kernel said of it; choosing lasts in the notebook and counts from the next start. */
function backendItems(notebook: Notebook): MenuItem[] {
  const report = notebook.session()?.backend;
  const wanted = notebook.backend();
  const said = (name: string): string | undefined => {
    const candidate = report?.candidates.find((each) => each.name === name);
    return candidate && (candidate.chosen ? `In use: ${candidate.reason}.` : `${capital(candidate.reason)}.`);
  };
  const choice = (name: string | null, text: string, detail: string): MenuItem => ({
    id: `backend-${name}`,
    text,
    detail,
    icon: 'chip',
    checked: wanted === name,
    choice: true,
    disabled: !notebook.canEdit(),
    act: () => notebook.setBackend(name),
  });
  const unknown = wanted !== null && !isBackend(wanted) ? [choice(wanted, wanted, 'There is no such backend.')] : [];
  const restart: MenuItem = {
    id: 'backend-restart',
    text: 'Restart the kernel to use it',
    detail: 'Its variables are lost; text and outputs stay.',
    icon: 'restart',
    act: () => notebook.setConfirming(true),
  };
  // A choice that was given back may still be what runs: the kernel then says that another was not asked for.
  const other = report && (wanted === null ? report.candidates.some(isPassedOver) : wanted !== report.name);
  return [
    choice(null, 'Best there is', 'A graphics card where there is one, otherwise the fastest for the processor.'),
    ...BACKENDS.map((name) => choice(name, BACKEND_LABELS[name], said(name) ?? `${capital(BACKEND_ABOUT[name])}.`)),
    ...unknown,
    ...(other && notebook.canRun() ? [restart] : []),
  ];
}

/** True for a backend that was left out because another one was asked for. */
const isPassedOver = ({ reason }: { reason: string }): boolean => reason.startsWith(NOT_ASKED_FOR);

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);

/** What runs the cells: backend, memory, and a word when there is something to know. Pressed, it offers the backends. */
export function KernelChip(): JSX.Element {
  const notebook = useNotebook();
  const session = notebook.session;
  const kernel = () => session()?.kernel ?? 'none';
  const label = (): readonly [string, string] => {
    const [where = '', what = ''] = (session()?.backend?.label ?? '').split(' · ');
    return [where, what];
  };
  const gauge = () => notebook.live.value?.gauge;
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  const alive = () => kernel() === 'idle' || kernel() === 'busy';
  const title = (): string => {
    const used = session()?.backend?.candidates.find(({ chosen }) => chosen);
    return used ? `Backend: ${used.reason}` : 'Backend';
  };
  const face = (
    <>
      <Icon name="chip" class={kernel() === 'busy' ? 'busy' : ''} />
      <Switch>
        <Match when={kernel() === 'dead'}>
          <b class="dead">Kernel stopped</b>
        </Match>
        <Match when={kernel() === 'starting'}>
          <span>Starting…</span>
        </Match>
        <Match when={kernel() === 'none' && session()?.kernelReason}>
          {(reason) => <b title={reason()}>Kernel ended</b>}
        </Match>
        <Match when={kernel() === 'none'}>
          <span class="i3">No kernel yet</span>
        </Match>
        <Match when={alive() && label()[0] !== ''}>
          <b>{label()[0]}</b>
          <Show when={label()[1]}>
            <i>·</i>
            {label()[1]}
          </Show>
        </Match>
        <Match when={alive()}>
          <span>{kernel() === 'busy' ? 'Busy' : 'Ready'}</span>
        </Match>
      </Switch>
      <Show when={alive() && gauge()}>
        {(now) => (
          <span class="mem num" title="Memory of the kernel">
            <span
              class="mini"
              classList={{
                'g-ink': now().memory < now().limit * 0.85,
                'g-attend': now().memory >= now().limit * 0.85,
              }}
            >
              <i
                class="done"
                style={{ width: `${Math.min(100, (now().memory / Math.max(1, now().limit)) * 100).toFixed(1)}%` }}
              />
            </span>
            <em>
              {gigabytes(now().memory)} of {gigabytes(now().limit)} GB
            </em>
          </span>
        )}
      </Show>
    </>
  );
  return (
    <div class="kern" data-kernel={kernel()}>
      <PopMenu id="kernel-menu" label="Backend" title={title()} face={face} items={() => backendItems(notebook)} />
    </div>
  );
}
