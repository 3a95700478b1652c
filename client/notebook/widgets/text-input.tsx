/**
 * Text that people write for everyone. What is being written here is nobody else's yet: Enter or leaving the field sends
 * it, Escape goes back to what everyone sees, and nothing that others write takes it away.
 */
import { createSignal, createUniqueId, type JSX, Show } from 'solid-js';
import { useLiveNotebook } from '../live-context.ts';
import { Remark, type WidgetProps } from './kind.tsx';

/** A text, of one line or of many. */
export function TextInput(props: WidgetProps<'text'>): JSX.Element {
  const live = useLiveNotebook();
  const id = createUniqueId();
  const [draft, setDraft] = createSignal<string | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  const everyones = () => String(props.state.value ?? '');
  const shown = () => draft() ?? everyones();
  const send = async (): Promise<void> => {
    const text = draft();
    if (text === null) return;
    if (text === everyones()) {
      setDraft(null);
      return;
    }
    try {
      await live.setWidget(props.state.id, text);
      setProblem(null);
      // More may have been written while it was sent.
      if (draft() === text) setDraft(null);
    } catch (error) {
      setProblem(() => error);
    }
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter' && (!props.spec.multiline || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      // A cell is not meant, only this field.
      event.stopPropagation();
      void send();
    } else if (event.key === 'Escape' && draft() !== null) {
      event.stopPropagation();
      setDraft(null);
      setProblem(null);
    }
  };
  const common = () => ({
    id,
    class: 'wg-field',
    placeholder: props.spec.placeholder,
    maxLength: 100_000,
    disabled: !props.able,
    onInput: (event: InputEvent & { currentTarget: HTMLInputElement | HTMLTextAreaElement }) =>
      setDraft(event.currentTarget.value),
    onBlur: () => void send(),
  });
  return (
    <>
      <label class="wg-l" for={id}>
        {props.spec.label}
      </label>
      <Show
        when={props.spec.multiline}
        fallback={<input type="text" {...common()} value={shown()} on:keydown={onKey} />}
      >
        <textarea rows="4" {...common()} value={shown()} on:keydown={onKey} />
      </Show>
      <Show
        when={draft() !== null && draft() !== everyones()}
        fallback={<Remark state={props.state} problem={problem()} />}
      >
        <span class="wg-by">
          {problem() ? (
            <Remark state={props.state} problem={problem()} />
          ) : props.spec.multiline ? (
            'Ctrl Enter sends'
          ) : (
            'Enter sends'
          )}
        </span>
      </Show>
    </>
  );
}
