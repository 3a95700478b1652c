import { For, type JSX, Show } from 'solid-js';
import { initialsOf } from './initials.ts';

/** What is needed to draw someone; `colour` is a pen name of the token file. */
export interface Drawable {
  name: string;
  colour: string;
}

const penOf = (colour: string): string => `var(--pen-${/^[a-f]$/.test(colour) ? colour : 'a'})`;

/** Someone's initials in the person's voice, underlined in their pen; `full` writes the name beside them. */
export function Initials(props: { person: Drawable; full?: boolean; idle?: boolean }): JSX.Element {
  return (
    <span
      class="who"
      classList={{ idle: props.idle ?? false }}
      style={{ '--pen': penOf(props.person.colour) }}
      title={props.person.name}
    >
      <abbr title={props.person.name} aria-hidden={props.full ? 'true' : undefined}>
        {initialsOf(props.person.name)}
      </abbr>
      <Show when={props.full}>
        <span class="nm">{props.person.name}</span>
      </Show>
    </span>
  );
}

/** Several people in a row; those beyond `most` become a number. */
export function People(props: { people: readonly (Drawable & { id: string })[]; most?: number }): JSX.Element {
  const most = () => props.most ?? 4;
  return (
    <span class="people">
      <For each={props.people.slice(0, most())}>{(person) => <Initials person={person} />}</For>
      <Show when={props.people.length > most()}>
        <span class="more-p num">+{props.people.length - most()}</span>
      </Show>
    </span>
  );
}
