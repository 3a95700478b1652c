import type { JSX } from 'solid-js';
import { ICONS, type IconName } from './icons.ts';

/** One icon of the set. Give it a `label` when nothing beside it says what it means; otherwise it is hidden from screen readers. */
export function Icon(props: { name: IconName; label?: string; class?: string }): JSX.Element {
  return (
    <svg
      class={`ic ${props.class ?? ''}`}
      viewBox="0 0 16 16"
      role={props.label ? 'img' : undefined}
      aria-label={props.label}
      aria-hidden={props.label ? undefined : 'true'}
      innerHTML={ICONS[props.name]}
    />
  );
}
