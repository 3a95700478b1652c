import { type JSX, splitProps } from 'solid-js';
import { Icon } from './icon.tsx';
import type { IconName } from './icons.ts';

interface ButtonProps extends JSX.ButtonHTMLAttributes<HTMLButtonElement> {
  icon?: IconName;
  /** `primary` is filled, at most one a page; `quiet` shows its edge on hover only. */
  kind?: 'primary' | 'quiet';
}

/** A ruled button. An icon alone needs an `aria-label`. */
export function Button(props: ButtonProps): JSX.Element {
  const [own, rest] = splitProps(props, ['icon', 'kind', 'class', 'children']);
  const kind = () => (own.kind === 'primary' ? 'p' : own.kind === 'quiet' ? 'q' : '');
  return (
    <button type="button" {...rest} class={`btn ${kind()} ${own.class ?? ''}`}>
      {own.icon && <Icon name={own.icon} />}
      {own.children}
    </button>
  );
}

/** Two or more choices of which one holds, side by side. */
export function Choice<T extends string>(props: {
  label: string;
  value: T;
  options: readonly { value: T; text: string; title?: string }[];
  onChange: (value: T) => void;
}): JSX.Element {
  return (
    <fieldset class="seg">
      <legend class="vh">{props.label}</legend>
      {props.options.map((option) => (
        <button
          type="button"
          class="btn"
          title={option.title}
          aria-pressed={props.value === option.value}
          onClick={() => props.onChange(option.value)}
        >
          {option.text}
        </button>
      ))}
    </fieldset>
  );
}
