import { trials } from '@trialroom/shared/api/endpoints';
import { isOver, type Trial } from '@trialroom/shared/trial/trial';
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { call } from '../data/api.ts';
import { connection } from '../data/live.ts';
import { may } from '../data/me.ts';
import { ProblemNote } from '../shell/states.tsx';

/** Ends a trial after its current step, once confirmed, or at once when it takes too long. Not shown to those who may not, nor when there is nothing to stop. */
export function StopButton(props: { trial: Trial }): JSX.Element {
  let dialog: HTMLDialogElement | undefined;
  const [asking, setAsking] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  const stopping = () => props.trial.stopRequested;

  const stop = async () => {
    setAsking(true);
    setFailure(null);
    try {
      await call(trials.stop, { params: { id: props.trial.id }, query: stopping() ? { now: 'true' } : {} });
      dialog?.close();
    } catch (error) {
      setFailure(error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <Show when={may('control') && !isOver(props.trial.status)}>
      <Button
        icon="stop"
        disabled={asking() || connection() !== 'online'}
        title={connection() === 'online' ? undefined : 'There is no connection to the server now'}
        onClick={() => {
          setFailure(null);
          dialog?.showModal();
        }}
      >
        {stopping() ? 'Stop now' : 'Stop'}
      </Button>
      <dialog ref={dialog} class="ask" aria-labelledby="stop-title">
        <h2 id="stop-title">
          Stop {props.trial.name}
          {stopping() ? ' now' : ''}?
        </h2>
        <Show
          when={stopping()}
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
          <Button icon="stop" disabled={asking()} onClick={stop}>
            {stopping() ? 'Interrupt the cell' : 'Stop the trial'}
          </Button>
        </p>
      </dialog>
    </Show>
  );
}
