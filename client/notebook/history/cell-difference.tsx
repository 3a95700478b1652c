/** One cell of two versions: its text with lines and words that differ, its outputs before and after. */
import type { Author } from '@trialroom/shared/annotation/annotation';
import { type CellDifference, nameOf } from '@trialroom/shared/history/compare';
import type { VersionCell } from '@trialroom/shared/history/history';
import type { Output } from '@trialroom/shared/notebook/outputs';
import { createMemo, For, type JSX, Match, Show, Switch } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { Initials } from '../../components/people.tsx';
import { Outputs } from '../output/outputs.tsx';
import { TextDifference } from './text-difference.tsx';

const KINDS = { code: 'Code', markdown: 'Text', raw: 'Raw' } as const;
const WORDS = { same: 'as before', added: 'added', removed: 'removed', changed: 'changed', moved: 'moved' } as const;

/** One cell in two versions, what differs marked. */
export function CellDifferenceView(props: {
  difference: CellDifference;
  position: number;
  here: boolean;
  /** Who changed it, where the version is by several. */
  authors?: readonly Author[] | undefined;
  /** Brings the cell back as it is in the version; absent where that makes no sense. */
  onRestore?: (() => void) | undefined;
}): JSX.Element {
  const name = () => nameOf(props.difference);
  const cell = (): VersionCell | null => props.difference.after ?? props.difference.before;
  const also = (): string[] => {
    const { moved, kind, metadata, before } = props.difference;
    return [
      moved && name() === 'changed' ? 'moved' : '',
      kind ? `was ${KINDS[before?.type ?? 'code'].toLowerCase()}` : '',
      metadata ? 'settings changed' : '',
    ].filter(Boolean);
  };
  return (
    <section
      class={`vd d-${name()}`}
      classList={{ here: props.here }}
      data-difference={props.difference.id}
      data-change={name()}
      aria-label={`${KINDS[cell()?.type ?? 'code']} cell ${props.position}, ${WORDS[name()]}`}
      tabindex={-1}
    >
      <header>
        <span class="vd-word">{WORDS[name()]}</span>
        <span class="i3 sm">
          {KINDS[cell()?.type ?? 'code']}
          <For each={also()}>{(word) => ` · ${word}`}</For>
        </span>
        <For each={props.authors}>{(person) => <Initials person={person} full />}</For>
        <Show when={props.onRestore}>
          {(restore) => (
            <Button kind="quiet" icon="restart" onClick={() => restore()()}>
              Bring back this cell
            </Button>
          )}
        </Show>
      </header>
      <TextDifference before={props.difference.before?.source ?? null} after={props.difference.after?.source ?? null} />
      <OutputsDifference difference={props.difference} />
    </section>
  );
}

/** Outputs as text, when they are nothing else. */
function textOf(outputs: readonly Output[]): string | null {
  const texts = outputs.map((output) => {
    if (output.type === 'stream') return output.text;
    if (output.type === 'error') return `${output.error.name}: ${output.error.message}\n`;
    const types = Object.keys(output.data);
    const plain = output.data['text/plain'];
    return types.length === 1 && typeof plain === 'string' ? `${plain}\n` : null;
  });
  return texts.includes(null) ? null : texts.join('').replace(/\n$/, '');
}

function OutputsDifference(props: { difference: CellDifference }): JSX.Element {
  const side = (cell: VersionCell | null): readonly Output[] => cell?.outputs ?? [];
  const before = () => side(props.difference.before);
  const after = () => side(props.difference.after);
  const texts = createMemo(() => {
    const [old, now] = [textOf(before()), textOf(after())];
    return old === null || now === null ? null : { old, now };
  });
  const only = (): readonly Output[] => (props.difference.before ? before() : after());
  return (
    <Switch>
      <Match when={props.difference.before === null || props.difference.after === null}>
        <Show when={only().length > 0}>
          <Outputs outputs={only()} cell={props.difference.id} label="Output" />
        </Show>
      </Match>
      <Match when={props.difference.outputs && texts()}>
        {(both) => (
          <div class="vd-outputs">
            <h4>Output</h4>
            <TextDifference before={both().old} after={both().now} />
          </div>
        )}
      </Match>
      <Match when={props.difference.outputs}>
        <div class="vd-outputs vd-two">
          <figure>
            <figcaption>Output before</figcaption>
            <Show when={before().length > 0} fallback={<p class="i3 sm">None.</p>}>
              <Outputs outputs={before()} cell={props.difference.id} label="Output before" />
            </Show>
          </figure>
          <figure>
            <figcaption>Output after</figcaption>
            <Show when={after().length > 0} fallback={<p class="i3 sm">None.</p>}>
              <Outputs outputs={after()} cell={props.difference.id} label="Output after" />
            </Show>
          </figure>
        </div>
      </Match>
      <Match when={after().length > 0 || props.difference.after?.sameOutputs}>
        <p class="i3 sm vd-note">Output as before.</p>
      </Match>
    </Switch>
  );
}
