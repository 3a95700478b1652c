import type { TrialStatus } from '@trialroom/shared/trial/trial';
import { type JSX, Show } from 'solid-js';
import { STATUS_SHAPES, type StatusShape } from './icons.ts';

const NAMES: Readonly<Record<StatusShape, string>> = {
  queued: 'Queued',
  running: 'Running',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  stopped: 'Stopped',
  lost: 'Lost',
  stale: 'Stale',
};

/** A status by its shape first and its colour second; `text` also writes it. Trials and cells share the shapes. */
export function StatusGlyph(props: {
  status: TrialStatus | StatusShape;
  text?: boolean;
  /** Replaces the status's own name. */
  label?: string;
}): JSX.Element {
  const label = () => props.label ?? NAMES[props.status];
  return (
    <span class={`st st-${props.status}`}>
      <svg
        class="ic"
        viewBox="0 0 16 16"
        role={props.text ? undefined : 'img'}
        aria-label={props.text ? undefined : label()}
        aria-hidden={props.text ? 'true' : undefined}
        innerHTML={STATUS_SHAPES[props.status]}
      />
      <Show when={props.text}>
        <span>{label()}</span>
      </Show>
    </span>
  );
}
