/** Two to ten trials side by side: what the tests say first, then curves, figures, and what differs in how they ran. */
import { A, useSearchParams } from '@solidjs/router';
import { COMPARED, type Comparison } from '@trialroom/shared/api/comparison';
import { comparison as api } from '@trialroom/shared/api/endpoints';
import { createResource, For, type JSX, Match, onMount, Show, Switch } from 'solid-js';
import { fileName, save } from '../charts/picture.ts';
import { Button, Choice } from '../components/button.tsx';
import { figure } from '../components/figures.ts';
import { PageTitle } from '../components/page-title.ts';
import { StatusGlyph } from '../components/status-glyph.tsx';
import { call, problemOf } from '../data/api.ts';
import { ProblemWords, SkeletonRows } from '../shell/states.tsx';
import { type CompareSearch, compareHref, idsOf, placeOf } from './address.ts';
import { ComparedCurves } from './curves.tsx';
import { CodeDifference, OutputDifference } from './differences.tsx';
import { csvOf, jsonOf, markdownOf } from './export.ts';
import { MetricTable } from './metric-table.tsx';
import { RowsTable, type RowsTableProps } from './rows-table.tsx';
import { TestsSection } from './tests-section.tsx';
import '../home/home.css';
import './compare.css';

/** Most trials whose table fits half of a wide page. */
const WIDE = 6;

export default function ComparePage(): JSX.Element {
  const [search, setSearch] = useSearchParams<CompareSearch>();
  const ids = () => idsOf(search.trials);
  /** Those of the address that the refusal does not name. */
  const others = () => ids().filter((id) => !problemOf(read.error).message.includes(`"${id}"`));
  const enough = () => ids().length >= COMPARED.least && ids().length <= COMPARED.most;
  const [read, { refetch }] = createResource(
    () => {
      if (!enough()) return false;
      const { metric, evaluation } = search;
      return {
        ...{ trials: ids().join(','), by: search.by === 'best' ? ('best' as const) : ('last' as const) },
        ...(metric ? { metric } : {}),
        ...(evaluation ? { evaluation } : {}),
      };
    },
    (query) => call(api.compare, { query }),
  );
  PageTitle(() => (!read.error && read.latest ? read.latest.names.join(' · ') : 'Compare'));
  return (
    <main id="main" class="page compare">
      <Switch>
        <Match when={!enough()}>
          <h1 class="title">Compare</h1>
          <p class="empty">
            <b>
              {ids().length === 0
                ? 'Nothing is chosen.'
                : `${ids().length} chosen: ${COMPARED.least} to ${COMPARED.most} can be compared.`}
            </b>{' '}
            Choose trials in the <A href="/trials">table of trials</A>.
          </p>
        </Match>
        <Match when={read.state === 'errored'}>
          <ProblemWords thrown={read.error} retry={() => void refetch()}>
            <Show when={others().length >= COMPARED.least}>
              <p class="lead">
                <A href={compareHref(others())}>Compare the other {others().length}</A>
              </p>
            </Show>
          </ProblemWords>
        </Match>
        <Match when={read.latest === undefined}>
          <h1 class="title">Compare</h1>
          <SkeletonRows rows={10} />
        </Match>
        <Match when={read.latest}>
          {(comparison) => (
            <Compared
              comparison={comparison()}
              busy={read.loading}
              search={search}
              onSearch={(change) => setSearch(change, { replace: true })}
            />
          )}
        </Match>
      </Switch>
    </main>
  );
}

function Compared(props: {
  comparison: Comparison;
  busy: boolean;
  search: Partial<CompareSearch>;
  onSearch: (change: { [name in keyof CompareSearch]?: string | null }) => void;
}): JSX.Element {
  const count = () => props.comparison.trials.length;
  const base = () => placeOf(props.search.base, count(), 0);
  const other = () => {
    const place = placeOf(props.search.with, count(), base() === 0 ? 1 : 0);
    return place === base() ? (base() === 0 ? 1 : 0) : place;
  };
  const all = () => props.search.rows === 'all';
  /** Tables of so many columns take the width of the page, also where sections stand beside each other. */
  const wide = () => count() > WIDE;
  const Rows = (table: Pick<RowsTableProps, 'label' | 'rows' | 'empty'>): JSX.Element => (
    <RowsTable {...table} names={props.comparison.names} all={all()} base={base()} />
  );
  // The sections are there only now that what they show has come.
  onMount(() => {
    const { hash } = window.location;
    if (hash.length > 1) document.getElementById(decodeURIComponent(hash.slice(1)))?.scrollIntoView();
  });
  const without = (place: number) => {
    const left = props.comparison.trials.filter((_, at) => at !== place).map(({ id }) => id);
    props.onSearch({ trials: left.join(','), base: null, with: null });
  };
  const take = (kind: 'csv' | 'json' | 'md') => {
    const text =
      kind === 'csv'
        ? csvOf(props.comparison)
        : kind === 'json'
          ? jsonOf(props.comparison)
          : markdownOf(props.comparison, figure);
    const type = { csv: 'text/csv', json: 'application/json', md: 'text/markdown' }[kind];
    save(new Blob([text], { type }), fileName(`compare ${props.comparison.names.join(' ')}`.slice(0, 80), kind));
  };
  return (
    <>
      <div class="hd cmp-head">
        <h1>Compare</h1>
        <p class="num">{count()} trials</p>
        <span class="hb">
          <Button kind="quiet" icon="download" onClick={() => take('csv')}>
            CSV
          </Button>
          <Button kind="quiet" icon="download" onClick={() => take('json')}>
            JSON
          </Button>
          <Button kind="quiet" icon="download" onClick={() => take('md')}>
            Markdown
          </Button>
        </span>
      </div>
      <ul class="cmp-trials" aria-label="Compared trials" aria-busy={props.busy}>
        <For each={props.comparison.trials}>
          {(trial, at) => (
            <li>
              <StatusGlyph status={trial.status} />
              <span class="i3 sm num">no. {at() + 1}</span>
              <A class="tl" href={`/trials/${trial.id}`}>
                <span class={`key s${at() + 1}`}>{props.comparison.names[at()]}</span>
              </A>
              <span class="i3 sm cmp-of">{trial.experiment}</span>
              <Show
                when={at() !== base()}
                fallback={<span class="i3 sm cmp-base">the others are held against it</span>}
              >
                <Button kind="quiet" onClick={() => props.onSearch({ base: String(at()) })}>
                  Hold against this
                </Button>
              </Show>
              <Show when={count() > COMPARED.least}>
                <Button
                  kind="quiet"
                  icon="x"
                  aria-label={`Leave ${props.comparison.names[at()]} out`}
                  onClick={() => without(at())}
                />
              </Show>
            </li>
          )}
        </For>
      </ul>
      <div class="compared">
        <section class="sec">
          <header>
            <h2>Which is better</h2>
            <span class="r">
              <Choice
                label="Reading"
                value={props.comparison.by}
                options={[
                  { value: 'last', text: 'Newest', title: 'By the last value that was logged' },
                  { value: 'best', text: 'Best', title: 'By the best value; choosing it flatters longer runs' },
                ]}
                onChange={(by) => props.onSearch({ by: by === 'last' ? null : by })}
              />
            </span>
          </header>
          <TestsSection comparison={props.comparison} onEvaluation={(evaluation) => props.onSearch({ evaluation })} />
        </section>
        <Show when={props.comparison.metric !== null} fallback={<p class="empty">None of them has logged a metric.</p>}>
          <section class="sec">
            <header>
              <h2>Curves</h2>
              <span class="c">choose a metric in the table</span>
            </header>
            <ComparedCurves comparison={props.comparison} />
          </section>
          <section class="sec" classList={{ whole: wide() }}>
            <header>
              <h2>Metrics</h2>
            </header>
            <MetricTable
              comparison={props.comparison}
              base={base()}
              onMetric={(metric) => props.onSearch({ metric })}
            />
          </section>
        </Show>
        <section class="sec" classList={{ whole: wide() }} id="parameters">
          <header>
            <h2>Parameters</h2>
            <label class="r check">
              <input
                type="checkbox"
                checked={all()}
                onChange={(event) => props.onSearch({ rows: event.currentTarget.checked ? 'all' : null })}
              />
              Show what is the same
            </label>
          </header>
          <Rows label="Parameters" rows={props.comparison.params} empty="None of them has parameters." />
        </section>
        <Show when={props.comparison.summary.length > 0}>
          <section class="sec">
            <header>
              <h2>Summary</h2>
            </header>
            <Rows label="Summary" rows={props.comparison.summary} empty="" />
          </section>
        </Show>
        <section class="sec">
          <header>
            <h2>Environment</h2>
          </header>
          <Rows
            label="Environment"
            rows={props.comparison.environment}
            empty="No environment was kept of any of them."
          />
        </section>
        <section class="sec whole">
          <header>
            <h2>Code</h2>
            <span class="r cmp-pair">
              <span class={`key s${base() + 1}`}>{props.comparison.names[base()]}</span> against{' '}
              <select
                class="cmp-select"
                aria-label="Held against"
                value={String(other())}
                onChange={(event) => props.onSearch({ with: event.currentTarget.value })}
              >
                <For each={props.comparison.names}>
                  {(name, at) => (
                    <Show when={at() !== base()}>
                      <option value={at()} selected={at() === other()}>
                        {name}
                      </option>
                    </Show>
                  )}
                </For>
              </select>
            </span>
          </header>
          <CodeDifference comparison={props.comparison} base={base()} other={other()} />
        </section>
        <section class="sec whole">
          <header>
            <h2>Outputs</h2>
          </header>
          <OutputDifference comparison={props.comparison} base={base()} other={other()} />
        </section>
      </div>
    </>
  );
}
