import { createEffect, createMemo, createSignal } from 'solid-js';
import { useRoom } from '../context.ts';
import { remembered } from '../dashboard/remembered.ts';
import { type BodyProps, textIn } from '../panels/kind.ts';
import { type MediaKind, readMedia, stepsOf } from './media.ts';
import { createStepChoice } from './step-slider.tsx';

/** Trials that are looked into, the newest first, for one that has logged anything of the kind. */
const MOST_TRIED = 12;

/**
 * What a panel of logged things of one kind shows: of which trial, under which name, at which step. What is chosen in the
 * panel goes before its settings, and these before the first name there is.
 * @param most how many are read at most, spread over the steps
 */
export function createLogged<K extends MediaKind>(kind: K, props: BodyProps, most: number) {
  const room = useRoom();
  const [chosen, setChosen] = remembered<string | undefined>(room, props.panel.id, 'key', undefined);
  const [trial, setTrial] = remembered<string | undefined>(room, props.panel.id, 'trial', undefined);
  /** How many of the newest trials turned out to have nothing of this kind. */
  const [without, setWithout] = createSignal(0);
  const shown = createMemo(
    () => room.trials().find(({ id }) => id === trial()) ?? room.trials().at(-1 - without()) ?? room.trials().at(-1),
  );
  const pick = (keys: readonly string[]): string | undefined => chosen() ?? (textIn(props.settings, 'key') || keys[0]);
  const media = readMedia(kind, {
    trials: () => [shown()].flatMap((one) => (one ? [one] : [])),
    key: pick,
    most: () => most,
    range: room.view.window,
  });
  createEffect(() => {
    const empty = media.of(shown()?.id ?? '')?.keys.length === 0;
    if (empty && trial() === undefined && without() < Math.min(MOST_TRIED, room.trials().length) - 1)
      setWithout((count) => count + 1);
  });
  const key = createMemo(() => pick(media.keys()));
  const read = () => media.of(shown()?.id ?? '');
  const logged = createMemo(() => read()?.logged.filter(({ data }) => data.key === key()) ?? []);
  const choice = createStepChoice(
    room,
    props.panel.id,
    createMemo(() => stepsOf(logged())),
  );
  return { chosen, setChosen, setTrial, shown, media, key, read, logged, choice };
}
