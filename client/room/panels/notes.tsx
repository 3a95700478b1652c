import { For, type JSX, Show } from 'solid-js';
import { Markdown } from '../../components/markdown.tsx';
import { me } from '../../data/me.ts';
import { useRoom } from '../context.ts';
import type { BodyProps, PanelKind } from './kind.ts';

export const notes: PanelKind = {
  kind: 'notes',
  name: 'Notes',
  says: 'What people noted on the trials that are drawn, and the tags they gave them.',
  icon: 'comment',
  size: { width: 6, height: 5 },
  fields: [],
  unnumbered: true,
  title: () => 'Notes',
  Body: NotesBody,
};

function NotesBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const noted = () => room.trials().filter(({ trial }) => trial.note !== '' || trial.tags.length > 0);
  props.offer({
    text: () =>
      noted()
        .map(({ trial }) => `## ${trial.name}\n\n${trial.tags.join(', ')}\n\n${trial.note}`)
        .join('\n\n'),
  });
  return (
    <Show
      when={noted().length > 0}
      fallback={<p class="empty">Nobody has noted anything on {room.single ? 'this trial' : 'these trials'} yet.</p>}
    >
      <For each={noted()}>
        {({ trial }) => (
          <article class="note">
            <Show when={!room.single}>
              <div class="by">
                <b class="i1">{trial.name}</b>
              </div>
            </Show>
            <Show when={trial.tags.length > 0}>
              <p class="on">{trial.tags.join(' · ')}</p>
            </Show>
            <Markdown text={trial.note} me={me()?.id} />
          </article>
        )}
      </For>
    </Show>
  );
}
