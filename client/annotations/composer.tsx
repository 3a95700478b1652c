/**
 * Where a message is written. An `@` offers people, chosen with the arrow keys; Ctrl or ⌘ Enter sends. What is written is
 * kept in the window until it was taken by the server.
 */
import { type Mentioned, storable } from '@trialroom/shared/annotation/mentions';
import { createMemo, createSignal, createUniqueId, For, type JSX, onMount, Show } from 'solid-js';
import { Button } from '../components/button.tsx';
import { Initials } from '../components/people.tsx';
import { connection } from '../data/live.ts';
import { ProblemNote } from '../shell/states.tsx';
import { type Drafts, restOf } from './drafts.ts';
import { matching, mentionAt, people, refreshPeople, type Someone } from './people.ts';

export function Composer(props: {
  drafts: Pick<Drafts, 'get' | 'set' | 'drop'>;
  /** Where the draft is kept: `new`, the id of a thread or of a message. */
  place: string;
  label: string;
  /** What the button that sends says. */
  send: string;
  placeholder?: string;
  /** What stands there when there is no draft. */
  initial?: { text: string; picked: readonly Mentioned[] };
  focus?: boolean;
  /** One line with its button beside it, until something is written. */
  inline?: boolean;
  /** Whether it can be given up; absent: where there is `onCancel`. */
  cancellable?: boolean;
  ref?: (area: HTMLTextAreaElement) => void;
  /** Something is being written. */
  onWrite?: () => void;
  /** Takes the text as it is stored. Rejecting keeps the words and shows why. */
  onSend: (text: string, request: string) => Promise<void>;
  /** It was taken. `more`: what was written while it was on its way stands here now, and is the next message. */
  onSent?: (more: boolean) => void;
  onCancel?: () => void;
}): JSX.Element {
  const { drafts } = props;
  const list = createUniqueId();
  let area: HTMLTextAreaElement | undefined;
  const kept = drafts.get(props.place);
  let { request } = kept;
  const [text, setText] = createSignal(kept.text || (props.initial?.text ?? ''));
  const [picked, setPicked] = createSignal<readonly Mentioned[]>([...kept.picked, ...(props.initial?.picked ?? [])]);
  const [cursor, setCursor] = createSignal<number | null>(null);
  const [at, setAt] = createSignal(0);
  const [sending, setSending] = createSignal(false);
  const [failure, setFailure] = createSignal<unknown>(null);
  const [dismissed, setDismissed] = createSignal<string | null>(null);

  const sought = createMemo(() => {
    const here = cursor();
    return here === null ? null : mentionAt(text(), here);
  });
  const offered = createMemo((): readonly Someone[] => {
    const mention = sought();
    if (!mention || dismissed() === `${mention.from}`) return [];
    const found = matching(people(), mention.wanted);
    // A name that is there whole needs no list any more.
    return found.length === 1 && found[0]?.name === mention.wanted ? [] : found;
  });
  const chosen = () => Math.min(at(), offered().length - 1);
  const offline = () => connection() !== 'online';
  const cancellable = (): boolean => props.onCancel !== undefined && props.cancellable !== false;

  const grow = (): void => {
    if (!area) return;
    area.style.height = 'auto';
    area.style.height = `${area.scrollHeight + 2}px`;
  };
  onMount(() => {
    grow();
    if (props.focus) {
      area?.focus({ preventScroll: true });
      area?.scrollIntoView({ block: 'nearest' });
    }
  });
  const keep = (): void => drafts.set(props.place, { text: text(), picked: picked(), request });
  const written = (): void => {
    setText(area?.value ?? '');
    if (text() !== '') props.onWrite?.();
    setCursor(area?.selectionStart ?? null);
    setAt(0);
    if (sought()) void refreshPeople();
    else setDismissed(null);
    keep();
    grow();
  };
  const pick = (person: Someone): void => {
    const mention = sought();
    if (!mention || !area) return;
    const end = cursor() ?? text().length;
    const inserted = `@${person.name} `;
    area.value = `${text().slice(0, mention.from)}${inserted}${text().slice(end).replace(/^ /, '')}`;
    area.setSelectionRange(mention.from + inserted.length, mention.from + inserted.length);
    setPicked((was) => [...was.filter(({ id }) => id !== person.id), { id: person.id, name: person.name }]);
    written();
    area.focus();
  };
  const send = async (): Promise<void> => {
    if (sending() || text().trim() === '' || offline()) return;
    const sent = text();
    setSending(true);
    try {
      await props.onSend(storable(sent.trim(), picked()), request);
      const rest = restOf(text(), sent);
      drafts.drop(props.place);
      request = crypto.randomUUID();
      setText(rest);
      if (rest === '') setPicked([]);
      else keep();
      setFailure(null);
      if (area) area.value = rest;
      grow();
      props.onSent?.(rest !== '');
    } catch (error) {
      setFailure(error);
    } finally {
      setSending(false);
    }
  };
  const cancel = (): void => {
    drafts.drop(props.place);
    setText('');
    if (area) area.value = '';
    grow();
    props.onCancel?.();
  };
  const onKey = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const all = offered();
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void send();
    } else if (all.length > 0 && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      event.preventDefault();
      setAt((chosen() + (event.key === 'ArrowDown' ? 1 : all.length - 1)) % all.length);
    } else if (all.length > 0 && (event.key === 'Enter' || event.key === 'Tab')) {
      const person = all[chosen()];
      if (!person) return;
      event.preventDefault();
      pick(person);
    } else if (event.key === 'Escape') {
      event.preventDefault();
      if (all.length > 0) setDismissed(`${sought()?.from}`);
      else if (text().trim() === '' && cancellable()) cancel();
      else area?.blur();
    }
  };

  return (
    <div class="composer" classList={{ inline: props.inline === true && text() === '' && !cancellable() }}>
      <div class="composer-at">
        <textarea
          ref={(element) => {
            area = element;
            props.ref?.(element);
          }}
          rows={props.inline ? 1 : 2}
          aria-label={props.label}
          placeholder={props.placeholder}
          value={text()}
          maxLength={20_000}
          role="combobox"
          aria-autocomplete="list"
          aria-expanded={offered().length > 0}
          aria-controls={list}
          aria-activedescendant={offered().length > 0 ? `${list}-${chosen()}` : undefined}
          onInput={written}
          onKeyDown={onKey}
          onKeyUp={() => setCursor(area?.selectionStart ?? null)}
          onClick={() => setCursor(area?.selectionStart ?? null)}
          onBlur={() => setCursor(null)}
        />
        <div id={list} class="mention-list" role="listbox" aria-label="People" hidden={offered().length === 0}>
          <For each={offered()}>
            {(person, index) => (
              <button
                type="button"
                id={`${list}-${index()}`}
                role="option"
                tabindex={-1}
                aria-selected={index() === chosen()}
                onMouseDown={(event) => event.preventDefault()}
                onClick={() => pick(person)}
              >
                <Initials person={person} full />
              </button>
            )}
          </For>
        </div>
      </div>
      <Show when={failure()}>{(thrown) => <ProblemNote thrown={thrown()} />}</Show>
      <Show when={offline() && text().trim() !== ''}>
        <p class="composer-note" role="status">
          Not connected. Your words are kept here; send them when the server is back.
        </p>
      </Show>
      <div class="composer-acts">
        <Button disabled={sending() || offline() || text().trim() === ''} onClick={() => void send()}>
          {sending() ? 'Sending…' : props.send}
        </Button>
        <Show when={cancellable()}>
          <Button kind="quiet" onClick={cancel}>
            Cancel
          </Button>
        </Show>
      </div>
    </div>
  );
}
