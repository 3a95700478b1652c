import type { HomeSnapshot, Presence, Topic } from '@trialroom/shared/live/events';
import type { Person } from '@trialroom/shared/policy/policy';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { count } from '../components/figures.ts';
import { Initials } from '../components/people.tsx';
import type { Watched } from '../data/watched.ts';
import { SkeletonRows } from '../shell/states.tsx';

/** Who looks at this topic now; everyone once, however many windows they have. */
export function lookingAt(present: readonly Presence[], topic: Topic): Person[] {
  const people = new Map<string, Person>();
  for (const { person, topics } of present) if (topics.includes(topic)) people.set(person.id, person);
  return [...people.values()];
}

/** Everyone once, with all that their windows show. */
export function gathered(present: readonly Presence[]): Presence[] {
  const people = new Map<string, Presence>();
  for (const { person, topics } of present) {
    const known = people.get(person.id);
    people.set(person.id, { person, topics: known ? [...new Set([...known.topics, ...topics])] : topics });
  }
  return [...people.values()];
}

/** Who is here, and what they look at. */
export function HereNow(props: { home: Watched<HomeSnapshot> }): JSX.Element {
  const people = createMemo(() => gathered(props.home.value?.present ?? []));
  const where = (topics: readonly Topic[]): string => {
    const names = topics.map((topic) => {
      const [kind, id] = topic.split(':', 2);
      if (kind === 'notebook') return props.home.value?.notebooks.find((notebook) => notebook.id === id)?.title;
      if (kind === 'trial') return props.home.value?.trials.find(({ trial }) => trial.id === id)?.trial.name;
      return undefined;
    });
    return names.filter((name) => name !== undefined).join(', ') || 'looking around';
  };
  return (
    <>
      <div class="sh">
        <h2>Here now</h2>
        <span class="c num">{count(people().length)}</span>
      </div>
      <Show when={props.home.status !== 'loading'} fallback={<SkeletonRows rows={2} />}>
        <ul>
          <For each={people()}>
            {({ person, topics }) => (
              <li>
                <Initials person={person} full />
                <span>{where(topics)}</span>
              </li>
            )}
          </For>
        </ul>
      </Show>
    </>
  );
}
