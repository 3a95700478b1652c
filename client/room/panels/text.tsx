import { type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Markdown } from '../../components/markdown.tsx';
import { me } from '../../data/me.ts';
import { useRoom } from '../context.ts';
import { remembered } from '../dashboard/remembered.ts';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import '../dashboard/panel-settings.css';

export const text: PanelKind = {
  kind: 'text',
  name: 'Text',
  says: 'Words in Markdown: what this room is for, what to look at, a heading.',
  icon: 'pencil',
  size: { width: 12, height: 3 },
  fields: [{ name: 'text', type: 'prose', label: 'Text', help: 'Markdown.' }],
  unnumbered: true,
  title: () => '',
  Body: TextBody,
};

function TextBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const written = (): string => textIn(props.settings, 'text');
  // Kept where the panel is scrolled away, and with it the words that the draft began with.
  const [draft, setDraft] = remembered<string | null>(room, props.panel.id, 'draft', null);
  const [base, setBase] = remembered(room, props.panel.id, 'base', '');
  const changed = (): boolean => draft() !== null && written() !== base();
  let begun = false;
  const begin = (): void => {
    begun = true;
    setBase(written());
    setDraft(written());
  };
  const keep = (): void => {
    const words = draft();
    setDraft(null);
    if (words !== null && words !== written()) room.dashboard.configure(props.panel.id, { settings: { text: words } });
  };
  props.offer({
    text: written,
    tools: () => (
      <Show when={room.dashboard.mayArrange() && draft() === null}>
        <Button kind="quiet" icon="pencil" aria-label="Write" title="Write" onClick={begin} />
      </Show>
    ),
  });
  return (
    <Show
      when={draft() !== null}
      fallback={
        <Show
          when={written() !== ''}
          fallback={
            <p class="empty">
              Nothing is written here yet.{' '}
              <Show when={room.dashboard.mayArrange()}>
                <Button kind="quiet" onClick={begin}>
                  Write
                </Button>
              </Show>
            </p>
          }
        >
          <Markdown text={written()} me={me()?.id} />
        </Show>
      }
    >
      <form
        class="text-edit"
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <textarea
          aria-label="Text in Markdown"
          value={draft() ?? ''}
          ref={(field) => {
            if (begun) queueMicrotask(() => field.focus());
            begun = false;
          }}
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape' && draft() === written()) setDraft(null);
            else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) keep();
          }}
        />
        <p>
          <Show when={changed()}>
            <span class="bad sm" role="status">
              Someone else changed this text meanwhile; keeping yours replaces theirs.
            </span>
          </Show>
          <Button onClick={() => setDraft(null)}>Cancel</Button>
          <Button type="submit">Keep</Button>
        </p>
      </form>
    </Show>
  );
}
