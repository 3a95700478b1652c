import { createMemo, type JSX, Show } from 'solid-js';
import { count } from '../../components/figures.ts';
import { ProblemNote, SkeletonRows } from '../../shell/states.tsx';
import { useRoom } from '../context.ts';
import { readTable } from '../logged/blobs.ts';
import { createLogged } from '../logged/logged.ts';
import { latestAt } from '../logged/media.ts';
import '../logged/media.css';
import '../logged/logged.css';
import { remembered } from '../dashboard/remembered.ts';
import { KeyChoice, MediaFace, TrialChoice } from '../logged/media-face.tsx';
import { StepSlider } from '../logged/step-slider.tsx';
import { type Compared, differenceOf, numberIn, plainRows } from '../logged/table-difference.ts';
import { type Sort, TableRows } from '../logged/table-rows.tsx';
import { type BodyProps, type PanelKind, textIn } from './kind.ts';
import { createReading } from './reading.ts';

/** Tables that are listed at most, spread over the steps; one is read when it is shown. */
const MOST_LISTED = 400;

/** What a table is compared with: nothing, another step, or the one of a number. */
type Against = '' | 'before' | 'first' | number;

export const table: PanelKind = {
  kind: 'table',
  name: 'Table',
  says: 'A logged table at one step, sorted as you like; and what changed since another step.',
  icon: 'table',
  size: { width: 6, height: 8 },
  fields: [{ name: 'key', type: 'text', label: 'Name', help: 'As it was logged; empty: the first there is.' }],
  title: (settings) => textIn(settings, 'key') || 'Table',
  Body: TableBody,
};

function TableBody(props: BodyProps): JSX.Element {
  const room = useRoom();
  const [against, setAgainst] = remembered<Against>(room, props.panel.id, 'against', '');
  const sort = remembered<Sort>(room, props.panel.id, 'sort', null);
  const [only, setOnly] = remembered(room, props.panel.id, 'only', true);
  const { chosen, setChosen, setTrial, shown, media, key, read, logged, choice } = createLogged(
    'table',
    props,
    MOST_LISTED,
  );
  const one = createMemo(() => latestAt(logged(), choice.step()));
  /** What it is compared with: a step of those before or after. */
  const other = createMemo(() => {
    const wanted = against();
    if (wanted === '') return undefined;
    if (wanted === 'first') return logged()[0];
    if (wanted === 'before') return latestAt(logged(), choice.steps()[choice.place() - 1] ?? Number.NEGATIVE_INFINITY);
    return latestAt(logged(), wanted);
  });
  // By content: a table that is logged again unchanged is not read again.
  const blobOf = (media: { sha256: string } | undefined) => media?.sha256;
  const now = createMemo(() => one()?.data, undefined, { equals: (a, b) => blobOf(a) === blobOf(b) });
  const then = createMemo(() => other()?.data, undefined, { equals: (a, b) => blobOf(a) === blobOf(b) });
  const content = createReading(now, readTable);
  const past = createReading(then, readTable);
  const compared = createMemo((): Compared | null => {
    const after = content.value();
    if (!after || content.failure() || past.failure()) return null;
    const before = other() ? past.value() : undefined;
    if (!before) return { columns: after.columns, rows: plainRows(after), repeated: 0 };
    const found = differenceOf(before, after);
    return only() ? { ...found, rows: found.rows.filter(({ state }) => state !== 'same') } : found;
  });
  const tally = (): string => {
    const found = compared();
    if (!found) return '';
    if (!other()) return `${count(found.rows.length)} ${found.rows.length === 1 ? 'row' : 'rows'}`;
    const of = (wanted: string): number => found.rows.filter(({ state }) => state === wanted).length;
    return [
      `${count(of('changed'))} changed, ${count(of('added'))} new, ${count(of('removed'))} gone`,
      found.repeated > 0 ? `${count(found.repeated)} rows share a first cell` : '',
    ]
      .filter((part) => part !== '')
      .join('; ');
  };
  props.offer({
    note: () => [textIn(props.settings, 'key') === '' || chosen() ? key() : '', tally()].filter(Boolean).join(', '),
    tools: () => (
      <>
        <TrialChoice trials={room.trials()} value={shown()?.id} onChange={setTrial} />
        <KeyChoice label="Which table" keys={media.keys()} value={key()} onChange={setChosen} />
      </>
    ),
    table: () => ({
      columns: compared()?.columns ?? [],
      rows: (compared()?.rows ?? []).map(({ cells }) =>
        cells.map(({ value }) => numberIn(value) ?? (value === null ? null : String(value))),
      ),
    }),
  });
  return (
    <MediaFace media={media} there={logged().length > 0} name="tables" example={'run.table("examples", rows)'}>
      <div class="logged-table">
        <StepSlider choice={choice} name={key() ?? 'the table'} total={choice.steps().length + (read()?.unread ?? 0)}>
          <label class="against">
            <span class="i3">against</span>
            <select
              class="pick"
              value={String(against())}
              onChange={(event) => {
                const { value } = event.currentTarget;
                setAgainst(value === '' || value === 'before' || value === 'first' ? value : Number(value));
              }}
            >
              <option value="">nothing</option>
              <option value="before">the step before</option>
              <option value="first">the first step</option>
              <option value={String(choice.step())}>step {count(choice.step())}, from here on</option>
              <Show when={typeof against() === 'number' && against() !== choice.step()}>
                <option value={String(against())}>step {count(Number(against()))}</option>
              </Show>
            </select>
          </label>
          <Show when={other()}>
            <label class="against">
              <input type="checkbox" checked={only()} onChange={(event) => setOnly(event.currentTarget.checked)} />
              <span>only what differs</span>
            </label>
          </Show>
        </StepSlider>
        <Show when={one()?.data.caption}>{(caption) => <p class="said">{caption()}</p>}</Show>
        <Show when={content.failure() ?? past.failure()}>
          {(thrown) => <ProblemNote thrown={thrown()} retry={() => (content.failure() ? content : past).again()} />}
        </Show>
        <Show
          when={compared()}
          fallback={
            <Show when={content.loading()}>
              <SkeletonRows rows={4} />
            </Show>
          }
        >
          {(found) => (
            <TableRows
              sort={sort}
              label={`${key() ?? ''} at step ${count(choice.step())}${other() ? `, against step ${count(other()?.step ?? Number.NaN)}` : ''}`}
              table={found()}
              compares={other() !== undefined}
            />
          )}
        </Show>
      </div>
    </MediaFace>
  );
}
