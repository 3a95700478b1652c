/** One thread: where it is, what was said, and what can be done to it. */
import type { Annotation, AnnotationMessage } from '@trialroom/shared/annotation/annotation';
import { isUnread } from '@trialroom/shared/annotation/annotation';
import { mentionsIn, readable } from '@trialroom/shared/annotation/mentions';
import { createEffect, createSignal, For, type JSX, on, onCleanup, onMount, Show, untrack } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { ago, clock } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { Initials } from '../../components/people.tsx';
import { me } from '../../data/me.ts';
import { ProblemNote } from '../../shell/states.tsx';
import { useNotebook } from '../model.ts';
import { Markdown } from '../output/markdown.tsx';
import { type MenuItem, PopMenu } from '../pop-menu.tsx';
import { Composer } from './composer.tsx';
import { showPlace, type ThreadPlace } from './places.ts';

export function Thread(props: { thread: Annotation; place: ThreadPlace }): JSX.Element {
  const notebook = useNotebook();
  const { comments } = notebook;
  let box: HTMLElement | undefined;
  const id = () => props.thread.id;
  const looked = () => comments.looked()?.id === id();
  const [answering, setAnswering] = createSignal(comments.drafts.get(untrack(id)).text !== '');
  const [failure, setFailure] = createSignal<unknown>(null);
  // What is new stays marked while one reads it; it counts as read at once.
  const from = untrack(() => props.thread.readTo);
  const isNew = (message: AnnotationMessage): boolean => isUnread(message, from, me()?.id ?? '');

  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      setFailure(null);
    } catch (error) {
      setFailure(error);
    }
  };
  onMount(() => {
    const [visible, setVisible] = createSignal(false);
    const [shown, setShown] = createSignal(!document.hidden);
    const seen = new IntersectionObserver((entries) => setVisible(entries.at(-1)?.isIntersecting ?? false));
    if (box) seen.observe(box);
    const changed = (): void => void setShown(!document.hidden);
    document.addEventListener('visibilitychange', changed);
    createEffect(() => {
      if (visible() && shown()) comments.markRead(props.thread);
    });
    onCleanup(() => {
      seen.disconnect();
      document.removeEventListener('visibilitychange', changed);
    });
  });
  createEffect(
    on(comments.looked, (wanted) => {
      if (wanted?.id !== id()) return;
      box?.scrollIntoView({ block: 'nearest' });
      if (wanted.place) showPlace(notebook, props.thread);
    }),
  );

  return (
    <article
      ref={box}
      class="note thread"
      classList={{
        looked: looked(),
        unread: comments.isUnread(props.thread),
        resolved: props.thread.resolved !== null,
      }}
      id={`comment-${id()}`}
      data-thread-id={id()}
      aria-label={`${props.place.words}: ${props.thread.messages.length === 1 ? '1 message' : `${props.thread.messages.length} messages`}`}
    >
      <div class="thread-head">
        <Show when={!props.place.orphaned} fallback={<span class="thread-place gone">{props.place.words}</span>}>
          <button type="button" class="thread-place" onClick={() => comments.look(id(), true)}>
            {props.place.words}
          </button>
        </Show>
        <Show when={comments.canComment()}>
          <Button
            kind="quiet"
            icon={props.thread.resolved === null ? 'check' : 'restart'}
            onClick={() => void attempt(() => comments.resolve(id(), props.thread.resolved === null))}
          >
            {props.thread.resolved === null ? 'Resolve' : 'Reopen'}
          </Button>
        </Show>
      </div>
      <Show when={props.place.quote}>{(quote) => <p class="qt">{quote()}</p>}</Show>
      <For each={props.thread.messages}>
        {(message) => <Message message={message} thread={id()} isNew={isNew(message)} attempt={attempt} />}
      </For>
      <Show when={props.thread.resolved}>
        {(resolved) => (
          <p class="thread-meta">
            Resolved by {resolved().by.name}, {ago(resolved().at, now())}
          </p>
        )}
      </Show>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
      <Show when={comments.canComment()}>
        <Show
          when={answering()}
          fallback={
            <Button kind="quiet" onClick={() => setAnswering(true)}>
              Reply
            </Button>
          }
        >
          <Composer
            place={id()}
            label="Reply"
            send={props.thread.resolved === null ? 'Reply' : 'Reply and reopen'}
            focus={comments.drafts.get(id()).text === ''}
            onSend={async (text, request) => {
              await comments.reply(id(), text, request);
              setAnswering(false);
            }}
            onCancel={() => setAnswering(false)}
          />
        </Show>
      </Show>
    </article>
  );
}

function Message(props: {
  message: AnnotationMessage;
  thread: string;
  isNew: boolean;
  attempt: (work: () => Promise<void>) => Promise<void>;
}): JSX.Element {
  const { comments } = useNotebook();
  const mine = () => props.message.author.id === me()?.id;
  const [editing, setEditing] = createSignal(false);
  const ofMe = () => mentionsIn(props.message.text).some(({ id }) => id === me()?.id);
  const items = (): MenuItem[] => [
    {
      id: 'link',
      text: 'Copy link',
      detail: 'To this thread in this notebook.',
      icon: 'link',
      act: () => {
        const { origin, pathname } = window.location;
        const link = `${origin}${pathname}#comment-${props.thread}`;
        void props.attempt(() => navigator.clipboard.writeText(link));
      },
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
            act: () => void props.attempt(() => comments.remove(props.thread, props.message.id)),
          },
        ]
      : []),
  ];
  return (
    <div class="message" classList={{ new: props.isNew, 'of-me': ofMe() }} data-message={props.message.id}>
      <div class="by">
        <Initials person={props.message.author} full />
        <Show when={props.isNew}>
          <b class="new-mark">New</b>
        </Show>
        <time title={new Date(props.message.at).toLocaleString()}>{clock(props.message.at, now())}</time>
        <PopMenu
          id={`message-${props.message.id}`}
          label="Message"
          title={`More for the message of ${props.message.author.name}`}
          items={items}
        />
      </div>
      <Show
        when={!editing()}
        fallback={
          <Composer
            place={props.message.id}
            label="Your message"
            send="Save"
            focus
            initial={{ text: readable(props.message.text), picked: mentionsIn(props.message.text) }}
            onSend={async (text) => {
              await comments.edit(props.thread, props.message.id, text);
              setEditing(false);
            }}
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
