/** Pause, Resume, Stop, each always in its place; and behind them what is wanted seldom: release, stop now. */
import { trials } from '@trialroom/shared/api/endpoints';
import { isOver, mayGoOn, type Trial } from '@trialroom/shared/trial/trial';
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { type MenuItem, PopMenu } from '../../components/pop-menu.tsx';
import { call } from '../../data/api.ts';
import { connection } from '../../data/live.ts';
import { may } from '../../data/me.ts';
import { ProblemNote } from '../../shell/states.tsx';

/** Not shown to those who may not control trials. */
export function Controls(props: { trial: Trial }): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const [asking, setAsking] = createSignal(false);
  const [now, setNow] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  const trial = () => props.trial;
  const off = (): boolean => asking() || connection() !== 'online';
  const goes = (): boolean => trial().status === 'running' || trial().status === 'paused';
  const mayPause = (): boolean => goes() && !trial().stopRequested && !trial().pauseRequested;
  /** What is over goes on only from a checkpoint. */
  const mayResume = (): boolean =>
    (trial().pauseRequested && !isOver(trial().status)) || (mayGoOn(trial()) && trial().checkpoint !== null);
  const mayStop = (): boolean => !isOver(trial().status);

  const act = async (what: () => Promise<unknown>): Promise<void> => {
    setAsking(true);
    setFailure(null);
    try {
      await what();
      dialog?.close();
    } catch (error) {
      setFailure(error);
    } finally {
      setAsking(false);
    }
  };
  const params = () => ({ id: trial().id });
  const pause = (release: boolean): Promise<void> =>
    act(() => call(trials.pause, { params: params(), query: release ? { release: 'true' } : {} }));
  const ask = (atOnce: boolean): void => {
    setNow(atOnce);
    setFailure(null);
    dialog?.showModal();
  };
  const more = (): MenuItem[] => [
    {
      id: 'release',
      text: 'Pause and release',
      detail: 'It writes a checkpoint and gives back memory and processor; it goes on from there.',
      icon: 'pause',
      disabled: off() || !goes() || trial().stopRequested || trial().release !== 'none',
      act: () => void pause(true),
    },
    {
      id: 'stop-now',
      text: 'Stop now',
      detail: 'In the middle of the step, without a checkpoint.',
      icon: 'stop',
      disabled: off() || !mayStop(),
      act: () => ask(true),
    },
  ];
  return (
    <Show when={may('control')}>
      <fieldset
        class="seg controls"
        title={connection() === 'online' ? undefined : 'There is no connection to the server now'}
      >
        <legend class="vh">Control this trial</legend>
        <Button icon="pause" disabled={off() || !mayPause()} onClick={() => void pause(false)}>
          Pause
        </Button>
        <Button
          icon="play"
          disabled={off() || !mayResume()}
          onClick={() => void act(() => call(trials.resume, { params: params() }))}
        >
          Resume
        </Button>
        <Button icon="stop" disabled={off() || !mayStop()} onClick={() => ask(trial().stopRequested)}>
          Stop
        </Button>
      </fieldset>
      <PopMenu
        id="controls-more"
        label="More ways to control this trial"
        title="More ways to control it"
        items={more}
      />
      <Show when={failure() && !dialog?.open}>
        <ProblemNote thrown={failure()} />
      </Show>
      <dialog ref={dialog} class="ask" aria-labelledby="stop-title">
        <h2 id="stop-title">
          Stop {trial().name}
          {now() ? ' now' : ''}?
        </h2>
        <Show
          when={now()}
          fallback={
            <p>
              It ends after the step that runs now; a fit that keeps checkpoints writes one first. All that it logged
              stays, and its cell goes on with what comes after the training.
            </p>
          }
        >
          <p>
            Its cell is interrupted in the middle of the step, and no checkpoint is written. All that it logged stays.
          </p>
        </Show>
        <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
        <p class="ask-acts">
          <Button autofocus onClick={() => dialog?.close()}>
            Keep it going
          </Button>
          <Button
            icon="stop"
            disabled={asking()}
            onClick={() => void act(() => call(trials.stop, { params: params(), query: now() ? { now: 'true' } : {} }))}
          >
            {now() ? 'Interrupt the cell' : 'Stop the trial'}
          </Button>
        </p>
      </dialog>
    </Show>
  );
}
