/**
 * MIME bundles for tools that know nothing of ours: the forms of our own types stay, and beside each stands one that
 * JupyterLab, VS Code and nbconvert can draw.
 */
import { MIME } from '../notebook/mime.ts';
import { isJson, type Json } from './messages.ts';

/** The type by which JupyterLab's ipywidgets and VS Code find the widget to draw. */
export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
const VEGALITE = 'application/vnd.vegalite.v5+json';

/** Most points of a chart that go to other tools, which draw every one; the title says when there are more. */
const MOST_POINTS = 4000;

/** A bundle with a form for everyone. Nothing is taken away, and nothing that is there is replaced. */
export function jupyterBundle(data: Readonly<Json>): Json {
  const added: Json = {};
  for (const mime of Object.keys(data)) {
    const value = data[mime];
    if (!isJson(value)) continue;
    if (mime === MIME.chart) added[VEGALITE] = vegaLite(value);
    else if (mime === MIME.progress) added['text/html'] = progressHtml(value);
    else if (mime === MIME.widget && typeof value.widget === 'string') added[WIDGET_VIEW] = widgetView(value.widget);
  }
  const bundle: Json = { ...added, ...data };
  // A bundle without text shows nothing at all in a terminal.
  if (bundle['text/plain'] === undefined && Object.keys(data).length > 0) {
    bundle['text/plain'] = Object.keys(data).join(', ');
  }
  return bundle;
}

/** The view of a widget whose comm has this id. */
const widgetView = (model: string): Json => ({ version_major: 2, version_minor: 0, model_id: model });

function vegaLite({ title, xLabel, x, series }: Json): Json {
  const steps = Array.isArray(x) ? x : [];
  const lines = Array.isArray(series) ? series.filter(isJson) : [];
  const total = steps.length * lines.length;
  const stride = Math.max(1, Math.ceil(total / MOST_POINTS));
  const values = lines.flatMap(({ name, y }) =>
    (Array.isArray(y) ? y : []).flatMap((value: unknown, index: number) =>
      index % stride === 0 || index === steps.length - 1 ? [{ x: steps[index], y: value, series: String(name) }] : [],
    ),
  );
  const thinned =
    stride > 1 ? `${values.length.toLocaleString('en-US')} of ${total.toLocaleString('en-US')} points` : '';
  const shown = [title, thinned].filter((part) => typeof part === 'string' && part !== '').join(' · ');
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v5.json',
    ...(shown === '' ? {} : { title: shown }),
    width: 480,
    height: 240,
    data: { values },
    mark: { type: 'line', point: steps.length < 2 },
    encoding: {
      x: { field: 'x', type: 'quantitative', title: typeof xLabel === 'string' ? xLabel : null },
      y: { field: 'y', type: 'quantitative', title: null, scale: { zero: false } },
      color: { field: 'series', type: 'nominal', title: null, ...(lines.length > 1 ? {} : { legend: null }) },
    },
  };
}

function progressHtml({ done, total, note }: Json): string {
  const known = typeof total === 'number' && total > 0 && typeof done === 'number';
  const bar = known ? `<progress value="${done}" max="${total}"></progress>` : '<progress></progress>';
  const count = known ? `${done} of ${total}` : typeof done === 'number' ? String(done) : '';
  return `<div>${bar} ${[count, typeof note === 'string' ? escapeHtml(note) : ''].filter(Boolean).join(' · ')}</div>`;
}

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
