/** A file that someone gives to the code: chosen or dropped, sent with its progress, and named to everyone. */
import { WidgetFile } from '@trialroom/shared/notebook/widgets';
import { createSignal, createUniqueId, type JSX, onCleanup, Show } from 'solid-js';
import { Icon } from '../../components/icon.tsx';
import { useLiveNotebook } from '../live-context.ts';
import { size } from '../output/size.ts';
import { Remark, type WidgetProps } from './kind.tsx';
import { upload } from './upload.ts';

/** A file that is handed to code. */
export function FileInput(props: WidgetProps<'file'>): JSX.Element {
  const live = useLiveNotebook();
  const id = createUniqueId();
  const [sending, setSending] = createSignal<{ name: string; share: number } | null>(null);
  const [problem, setProblem] = createSignal<unknown>(null);
  const [over, setOver] = createSignal(false);
  let cancel: AbortController | undefined;
  onCleanup(() => cancel?.abort());
  const given = () => {
    const parsed = WidgetFile.safeParse(props.state.value);
    return parsed.success ? parsed.data : null;
  };
  const give = async (file: File | undefined | null): Promise<void> => {
    if (!file || !props.able || sending()) return;
    const mine = new AbortController();
    cancel = mine;
    setSending({ name: file.name, share: 0 });
    try {
      const to = { notebook: live.notebook, widget: props.state.id };
      await upload(to, file, (share) => setSending({ name: file.name, share }), mine.signal);
      setProblem(null);
    } catch (error) {
      setProblem(() => (mine.signal.aborted ? null : error));
    } finally {
      setSending(null);
    }
  };
  return (
    <>
      <label class="wg-l" for={id}>
        {props.spec.label}
      </label>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the input inside does the same from the keyboard */}
      <div
        class="wg-drop"
        classList={{ over: over() }}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(props.able);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          void give(event.dataTransfer?.files[0]);
        }}
      >
        <span class="btn" classList={{ q: given() !== null }} aria-disabled={!props.able || sending() !== null}>
          <Icon name="launch" />
          {given() ? 'Another file' : 'Choose a file'}
          <input
            id={id}
            type="file"
            accept={props.spec.accept}
            disabled={!props.able || sending() !== null}
            onChange={(event) => {
              void give(event.currentTarget.files?.[0]);
              event.currentTarget.value = '';
            }}
          />
        </span>
        <Show
          when={sending()}
          fallback={
            <Show
              when={given()}
              fallback={
                <Show when={props.able}>
                  <span class="i3 sm">or drop it here</span>
                </Show>
              }
            >
              {(file) => (
                <span class="wg-file">
                  <b>{file().name}</b> <span class="i3 num">{size(file().bytes)}</span>
                </span>
              )}
            </Show>
          }
        >
          {(now) => (
            <span class="wg-sending">
              <span class="wg-file">{now().name}</span>
              <progress value={now().share} aria-label={`Sending ${now().name}`} />
              <span class="num i3">{Math.floor(now().share * 100)} %</span>
              <button type="button" class="btn q sm" onClick={() => cancel?.abort()}>
                Cancel
              </button>
            </span>
          )}
        </Show>
      </div>
      <Remark state={props.state} problem={problem()} />
    </>
  );
}
