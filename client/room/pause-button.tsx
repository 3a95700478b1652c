import { trials } from '@trialroom/shared/api/endpoints';
import type { Trial } from '@trialroom/shared/trial/trial';
import { createSignal, type JSX, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { call } from '../data/api.ts';
import { connection } from '../data/live.ts';
import { may } from '../data/me.ts';
import { ProblemNote } from '../shell/states.tsx';

/** Makes a trial wait after its current step, and go on. Not shown to those who may not, nor when it neither runs nor waits. */
export function PauseButton(props: { trial: Trial }): JSX.Element {
  const [asking, setAsking] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  const wanted = () => props.trial.pauseRequested;
  const shown = () =>
    may('control') &&
    !props.trial.stopRequested &&
    (props.trial.status === 'running' || props.trial.status === 'paused');

  const change = async () => {
    setAsking(true);
    setFailure(null);
    try {
      await call(wanted() ? trials.resume : trials.pause, { params: { id: props.trial.id } });
    } catch (error) {
      setFailure(error);
    } finally {
      setAsking(false);
    }
  };
  return (
    <Show when={shown()}>
      <Button
        icon={wanted() ? 'play' : 'pause'}
        disabled={asking() || connection() !== 'online'}
        title={connection() === 'online' ? undefined : 'There is no connection to the server now'}
        onClick={change}
      >
        {wanted() ? 'Go on' : 'Pause'}
      </Button>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
    </Show>
  );
}
