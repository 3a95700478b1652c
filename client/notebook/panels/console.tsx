/** What was run beside the cells, from other tools such as Jupyter's: the code, who asked, and what came of it. */
import type { ConsoleEntry } from '@trialroom/shared/notebook/session';
import { createSignal, For, type JSX, Show } from 'solid-js';
import { Button } from '../../components/button.tsx';
import { clock } from '../../components/figures.ts';
import { now } from '../../components/now.ts';
import { Initials } from '../../components/people.tsx';
import { StatusGlyph } from '../../components/status-glyph.tsx';
import { useNotebook } from '../model.ts';
import { Outputs } from '../output/outputs.tsx';
import { Prompts } from '../widgets/prompts.tsx';

/** Entries shown at first; older ones are shown when asked for. */
const SHOWN = 30;

/** What was run without being a cell's text. */
export function Console(): JSX.Element {
  const notebook = useNotebook();
  const [most, setMost] = createSignal(SHOWN);
  const entries = () => notebook.session()?.console ?? [];
  const older = () => Math.max(0, entries().length - most());
  return (
    <Show
      when={entries().length > 0}
      fallback={
        <p class="i3 sm side-empty">
          Code that runs in this kernel from elsewhere, such as a Jupyter console, is listed here with who asked.
        </p>
      }
    >
      <Show when={older() > 0}>
        <Button kind="quiet" onClick={() => setMost((count) => count + SHOWN)}>
          {older()} earlier
        </Button>
      </Show>
      <ol class="console" aria-label="Console">
        <For each={entries().slice(-most())}>{(entry) => <Entry entry={entry} />}</For>
      </ol>
    </Show>
  );
}

function Entry(props: { entry: ConsoleEntry }): JSX.Element {
  const notebook = useNotebook();
  const state = () => notebook.stateOf(props.entry.cell);
  const outputs = () => notebook.live.value?.outputs[props.entry.cell] ?? [];
  const glyph = () => {
    switch (state()?.status) {
      case 'queued':
        return { status: 'queued', label: 'Queued' } as const;
      case 'evaluating':
        return { status: 'running', label: 'Running' } as const;
      default:
        if (state()?.validity === 'failed') return { status: 'failed', label: 'Failed' } as const;
        if (state()?.validity === 'aborted') return { status: 'stopped', label: 'Stopped' } as const;
        return undefined;
    }
  };
  return (
    <li data-console={props.entry.cell}>
      <p class="console-head">
        <Initials person={props.entry.by} />
        <span>{props.entry.by.name}</span>
        <Show when={glyph()}>{(shape) => <StatusGlyph status={shape().status} label={shape().label} />}</Show>
        <time class="num">{clock(props.entry.at, now())}</time>
      </p>
      <pre class="code">{props.entry.source}</pre>
      <Show when={outputs().length > 0}>
        <Outputs outputs={outputs()} cell={props.entry.cell} label={`Output for ${props.entry.by.name}`} />
      </Show>
      <Prompts cell={props.entry.cell} />
    </li>
  );
}
