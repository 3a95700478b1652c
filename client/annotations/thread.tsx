/** One thread: where it is, what was said, and what can be done to it. */
import { type Annotation, type AnnotationMessage, isUnread } from '@trialroom/shared/annotation/annotation';
import { createEffect, createSignal, For, type JSX, on, Show, untrack } from 'solid-js';
import { Button } from '../components/button.tsx';
import { ago } from '../components/figures.ts';
import { now } from '../components/now.ts';
import { me } from '../data/me.ts';
import { ProblemNote } from '../shell/states.tsx';
import { Composer } from './composer.tsx';
import { Message } from './message.tsx';
import { whileSeen } from './seen.ts';
import type { Standing } from './standing.ts';
import type { Threads } from './threads.ts';

/** A place of more letters than this stands on a line of its own in a margin. */
const LONG = 6;

/**
 * @param props.number set in a margin, where a numbered mark stands for the thread; the place then stands beside its author
 * @param props.show brings the place of a thread into sight
 */
export function Thread(props: {
  threads: Threads;
  thread: Annotation;
  place: Standing;
  number?: number;
  show: (thread: Annotation) => void;
}): JSX.Element {
  let box: HTMLElement | undefined;
  const { threads } = props;
  const id = () => props.thread.id;
  const looked = () => threads.looked()?.id === id();
  const [answering, setAnswering] = createSignal(threads.drafts.get(untrack(id)).text !== '');
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
  whileSeen(
    () => box,
    () => threads.markRead(props.thread),
  );
  createEffect(
    on(threads.looked, (wanted) => {
      if (wanted?.id !== id()) return;
      box?.scrollIntoView({ block: 'nearest' });
      if (wanted.place) props.show(props.thread);
    }),
  );

  const first = () => props.thread.messages[0];
  const words = () => {
    const count = props.thread.messages.length;
    const place = props.number === undefined ? props.place.words : `Note ${props.number} ${props.place.words}`.trim();
    return `${place}: ${count === 1 ? '1 message' : `${count} messages`}`;
  };
  const Place = () => (
    <Show when={!props.place.orphaned} fallback={<span class="thread-place gone">{props.place.words}</span>}>
      <Show when={props.place.words !== ''}>
        <button
          type="button"
          class="thread-place num"
          classList={{ long: props.place.words.length > LONG }}
          onClick={() => threads.look(id(), true)}
        >
          {props.place.words}
        </button>
      </Show>
    </Show>
  );
  const Settle = () => (
    <Show when={threads.canComment()}>
      <Button
        kind="quiet"
        data-act="settle"
        icon={props.thread.resolved === null ? 'check' : 'restart'}
        onClick={() => void attempt(() => threads.resolve(id(), props.thread.resolved === null))}
      >
        {props.thread.resolved === null ? 'Resolve' : 'Reopen'}
      </Button>
    </Show>
  );
  const Quote = () => <Show when={props.place.quote}>{(quote) => <p class="qt">{quote()}</p>}</Show>;
  const Said = (said: { message: AnnotationMessage }) => (
    <Message
      threads={threads}
      thread={id()}
      message={said.message}
      isNew={isNew(said.message)}
      attempt={attempt}
      relative={props.number !== undefined}
      before={
        <Show when={said.message.id === first()?.id ? props.number : undefined}>
          {(number) => <span class="pinno num">{number()}</span>}
        </Show>
      }
      {...(props.number !== undefined && said.message.id === first()?.id ? { place: <Place />, quote: <Quote /> } : {})}
    />
  );
  return (
    <article
      ref={box}
      class="note thread"
      classList={{
        looked: looked(),
        unread: threads.isUnread(props.thread),
        resolved: props.thread.resolved !== null,
        marginal: props.number !== undefined,
      }}
      id={`comment-${id()}`}
      data-thread-id={id()}
      tabindex={props.number === undefined ? undefined : 0}
      aria-label={words()}
    >
      <Show when={props.number === undefined}>
        <div class="thread-head">
          <Place />
          <Settle />
        </div>
        <Quote />
      </Show>
      <For each={props.thread.messages.slice(0, 1)}>{(message) => <Said message={message} />}</For>
      <div class="answers" classList={{ some: props.thread.messages.length > 1 || answering() }}>
        <For each={props.thread.messages.slice(1)}>{(message) => <Said message={message} />}</For>
        <Show when={props.thread.resolved}>
          {(resolved) => (
            <p class="thread-meta">
              Resolved by {resolved().by.name}, {ago(resolved().at, now())}
            </p>
          )}
        </Show>
        <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
        <Show when={threads.canComment()}>
          <Show
            when={answering()}
            fallback={
              <div class="thread-acts">
                <Button kind="quiet" data-act="reply" onClick={() => setAnswering(true)}>
                  Reply
                </Button>
                <Show when={props.number !== undefined}>
                  <Settle />
                </Show>
              </div>
            }
          >
            <Composer
              drafts={threads.drafts}
              place={id()}
              label="Reply"
              send={props.thread.resolved === null ? 'Reply' : 'Reply and reopen'}
              focus={threads.drafts.get(id()).text === ''}
              onSend={async (text, request) => {
                await threads.reply(id(), text, request);
              }}
              onSent={(more) => setAnswering(more)}
              onCancel={() => setAnswering(false)}
            />
          </Show>
        </Show>
      </div>
    </article>
  );
}
