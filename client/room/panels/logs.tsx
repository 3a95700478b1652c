import { LogLevel } from '@trialroom/shared/trial/log';
import type { LogLine } from '@trialroom/shared/trial/trial';
import { createMemo, For, type JSX, Show } from 'solid-js';
import { useTrialThreads } from '../../annotations/trial-threads.tsx';
import { Button } from '../../components/button.tsx';
import { count } from '../../components/figures.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { useRoom } from '../context.ts';
import { remembered } from '../dashboard/remembered.ts';
import { createLogFinding, type LogQuestion } from '../log/log-finding.ts';
import { LogLines } from '../log/log-lines.tsx';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';

/** Letters of a line that a note holds. */
const MOST_QUOTE = 200;

export const logs: PanelKind = {
  kind: 'logs',
  name: 'Log',
  says: 'What the trial prints, with a search over all of it.',
  icon: 'table',
  size: { width: 12, height: 8 },
  fields: [
    { name: 'search', type: 'text', label: 'Only lines with', help: 'Letters as they stand; case does not count.' },
  ],
  only: 'trial',
  unnumbered: true,
  title: () => 'Log',
  Body: LogsBody,
};

function LogsBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const threads = useTrialThreads();
  const note = ({ seq, text }: LogLine): void =>
    threads?.begin({ kind: 'log', seq, quote: text.trim().slice(0, MOST_QUOTE) });
  const [search, setSearch] = remembered(room, props.panel.id, 'search', '');
  const [regex, setRegex] = remembered(room, props.panel.id, 'regex', false);
  const [level, setLevel] = remembered<LogLevel | null>(room, props.panel.id, 'level', null);
  const trial = () => room.trials()[0];
  const log = () => trial()?.log ?? [];
  const total = (): number => log().at(-1)?.seq ?? 0;
  const asked = createMemo((): LogQuestion | null => {
    const typed = search().trim();
    const text = typed || textIn(props.settings, 'search');
    return text === '' && level() === null ? null : { text, regex: regex() && typed !== '', level: level() };
  });
  const finding = createLogFinding(() => trial()?.id, asked, total);
  const shown = (): readonly LogLine[] => (asked() ? finding.lines() : log());
  const said = (): string => {
    if (!asked())
      return log().length < total()
        ? `last ${count(log().length)} of ${count(total())} lines`
        : `${count(total())} ${total() === 1 ? 'line' : 'lines'}`;
    const found = `${count(shown().length)} found`;
    if (finding.busy() && shown().length === 0) return 'searching';
    return finding.more() ? `${found} in the first ${count(finding.searched())} of ${count(finding.total())}` : found;
  };
  props.offer({
    note: said,
    tools: () => (
      <>
        <select
          class="pick"
          aria-label="Lines of which level"
          value={level() ?? ''}
          onChange={(event) => setLevel(LogLevel.safeParse(event.currentTarget.value).data ?? null)}
        >
          <option value="">All levels</option>
          <For each={LogLevel.options}>{(one) => <option value={one}>{one}</option>}</For>
        </select>
        <input
          type="search"
          class="find-in"
          placeholder="Search"
          aria-label="Search the log"
          maxlength={1000}
          value={search()}
          onInput={(event) => setSearch(event.currentTarget.value)}
        />
        <Button
          kind="quiet"
          class="mono"
          aria-pressed={regex()}
          aria-label="As a regular expression"
          title="As a regular expression"
          onClick={() => setRegex((on) => !on)}
        >
          .*
        </Button>
        <Show when={trial()}>
          {(one) => (
            <a
              class="tl log-all"
              href={`/api/trials/${encodeURIComponent(one().id)}/log.txt`}
              download=""
              title="The whole log as a file"
            >
              Download
            </a>
          )}
        </Show>
      </>
    ),
    table: () => ({
      columns: ['line', 'at', 'stream', 'text'],
      rows: shown().map((line) => [line.seq, line.at, line.stream, line.text]),
    }),
    text: () =>
      shown()
        .map(({ text }) => text.replace(/\r?\n$/, ''))
        .join('\n'),
  });
  const nothing = (): string => {
    if (!asked()) return 'Nothing was printed yet.';
    return finding.more() ? `Nothing in the first ${count(finding.searched())} lines.` : 'No line fits.';
  };
  return (
    <>
      <Show when={asked() && finding.failure()}>
        {(thrown) => <ProblemNote thrown={thrown()} retry={finding.retry} />}
      </Show>
      <Show
        when={shown().length > 0}
        fallback={
          <Show when={finding.busy()} fallback={<p class="empty">{finding.failure() ? '' : nothing()}</p>}>
            <SkeletonRows rows={4} />
          </Show>
        }
      >
        <LogLines log={shown()} follows={asked() === null} onNote={threads?.canComment() ? note : undefined} />
      </Show>
      <Show when={asked() && finding.more()}>
        <p class="log-more">
          <Button disabled={finding.busy()} onClick={finding.next}>
            Search on from line {count(finding.searched() + 1)}
          </Button>
        </p>
      </Show>
    </>
  );
}
