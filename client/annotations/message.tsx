/** One message of a thread: who says it, when, what, and what can be done to it. */
import type { AnnotationMessage } from '@trialroom/shared/annotation/annotation';
import { mentionsIn, readable } from '@trialroom/shared/annotation/mentions';
import { createSignal, type JSX, Show } from 'solid-js';
import { ago, clock } from '../components/figures.ts';
import { Markdown } from '../components/markdown.tsx';
import { now } from '../components/now.ts';
import { Initials } from '../components/people.tsx';
import { type MenuItem, PopMenu } from '../components/pop-menu.tsx';
import { me } from '../data/me.ts';
import { Composer } from './composer.tsx';
import type { Threads } from './threads.ts';
import './threads.css';

export function Message(props: {
  threads: Threads;
  /** Id of the thread. */
  thread: string;
  message: AnnotationMessage;
  isNew: boolean;
  /** Does something, and shows why it failed. */
  attempt: (work: () => Promise<void>) => Promise<void>;
  /** What stands before who says it. */
  before?: JSX.Element;
  /** Where the thread stands, and what was seen there: of the first message in a margin. */
  place?: JSX.Element;
  quote?: JSX.Element;
  /** How long ago instead of when. */
  relative?: boolean;
}): JSX.Element {
  const mine = () => props.message.author.id === me()?.id;
  const [editing, setEditing] = createSignal(false);
  const ofMe = () => mentionsIn(props.message.text).some(({ id }) => id === me()?.id);
  const items = (): MenuItem[] => [
    {
      id: 'link',
      text: 'Copy link',
      detail: 'To this thread on this page.',
      icon: 'link',
      act: () => void props.attempt(() => navigator.clipboard.writeText(props.threads.linkTo(props.thread))),
    },
    ...(mine()
      ? [
          {
            id: 'edit',
            text: 'Edit',
            detail: 'It is marked as edited.',
            icon: 'pencil' as const,
            act: () => void setEditing(true),
          },
        ]
      : []),
    ...(mine() || me()?.role === 'owner'
      ? [
          {
            id: 'delete',
            text: 'Delete',
            detail: 'For everyone. A thread goes with its last message.',
            icon: 'x' as const,
            act: () => void props.attempt(() => props.threads.remove(props.thread, props.message.id)),
          },
        ]
      : []),
  ];
  return (
    <div class="message" classList={{ new: props.isNew, 'of-me': ofMe() }} data-message={props.message.id}>
      <div class="by">
        {props.before}
        <Initials person={props.message.author} full />
        {props.place}
        <Show when={props.isNew}>
          <b class="new-mark">New</b>
        </Show>
        <time title={new Date(props.message.at).toLocaleString()}>
          {props.relative ? ago(props.message.at, now()) : clock(props.message.at, now())}
        </time>
        <PopMenu
          id={`message-${props.message.id}`}
          label="Message"
          title={`More for the message of ${props.message.author.name}`}
          items={items}
        />
      </div>
      {props.quote}
      <Show
        when={!editing()}
        fallback={
          <Composer
            drafts={props.threads.drafts}
            place={props.message.id}
            label="Your message"
            send="Save"
            focus
            initial={{ text: readable(props.message.text), picked: mentionsIn(props.message.text) }}
            onSend={async (text) => {
              await props.threads.edit(props.thread, props.message.id, text);
            }}
            onSent={(more) => setEditing(more)}
            onCancel={() => setEditing(false)}
          />
        }
      >
        <Markdown text={props.message.text} me={me()?.id ?? ''} />
        <Show when={props.message.editedAt !== null}>
          <span class="thread-meta">edited</span>
        </Show>
      </Show>
    </div>
  );
}
