import { createMemo, type JSX, Show } from 'solid-js';
import { sparkPath } from './sparkline-path.ts';

/** A small line without axes. Its width is the planned run (`to`); a breathing pen tip says that it is alive. */
export function Sparkline(props: {
  steps: readonly number[];
  values: readonly number[];
  /** Last step of the plan; the last step there is when unknown. */
  to?: number | undefined;
  /** Pen of the token file, 1 to 10; `quiet` for what does not move any more. */
  colour: number | 'quiet';
  alive: boolean;
  /** Size in CSS pixels; the width may be stretched by styles. */
  width?: number;
  height?: number;
  /** What a screen reader says. */
  label: string;
}): JSX.Element {
  const width = () => props.width ?? 150;
  const height = () => props.height ?? 26;
  const spark = createMemo(() => {
    const last = props.steps.at(-1) ?? 0;
    const from = Math.min(props.steps[0] ?? 0, 0);
    return sparkPath(props.steps, props.values, {
      width: width(),
      height: height(),
      from,
      to: Math.max(props.to ?? last, last, from + 1),
    });
  });
  const pen = () => (props.colour === 'quiet' ? 'squiet' : `s${props.colour}`);
  return (
    <span class="spk" style={{ '--w': `${width()}px`, '--h': `${height()}px` }} role="img" aria-label={props.label}>
      <svg viewBox={`0 0 ${width()} ${height()}`} preserveAspectRatio="none" aria-hidden="true">
        <path class={`ln ${pen()}`} d={spark().d} />
      </svg>
      <Show when={props.alive ? spark().tip : null}>
        {(tip) => <i class={`tip ${pen()}`} style={{ left: `${tip().left}%`, top: `${tip().top}%` }} />}
      </Show>
    </span>
  );
}
