/** What a dashboard shows before anyone has arranged it, computed from the metrics there are. Pure. */

import { inOrder, type NewPanel } from '@trialroom/shared/room/dashboard';
import type { Panel } from '@trialroom/shared/room/panel';
import { isSystemMetric } from '@trialroom/shared/trial/metric-names';
import { type FigurePlan, figuresOf } from '../curves/metrics.ts';
import type { MediaKind } from '../logged/media.ts';

export interface Template {
  name: string;
  title: string;
  /** What it is good for, in a sentence. */
  says: string;
}

/** Figures that a template makes at most; all metrics are still offered where panels are added. */
const MOST_FIGURES = 60;

export const TEMPLATES: readonly Template[] = [
  {
    name: 'auto',
    title: 'Automatic',
    says: 'All metrics, the ones that matter most first, whatever else was logged, and what the machine does.',
  },
  { name: 'training', title: 'Training', says: 'Losses and rates, large; health, resources and the log beside them.' },
  {
    name: 'classification',
    title: 'Classification',
    says: 'Accuracy, precision, recall and loss, training beside validation.',
  },
  { name: 'sweep', title: 'Sweep', says: 'What many trials reached, and what their parameters did for it.' },
  { name: 'blank', title: 'Blank', says: 'Nothing, to begin from.' },
];

export interface TemplateContext {
  /** Sorted. */
  keys: readonly string[];
  objective: { key: string } | null;
  /** A trial's room rather than an experiment's. */
  single: boolean;
  /** Names of parameters that differ between the trials. */
  params: readonly string[];
  /** What was logged besides numbers. */
  media: readonly MediaKind[];
}

/** The panel that shows what was logged of a kind. */
const PANELS: Readonly<Record<MediaKind, { kind: string; height: number }>> = {
  image: { kind: 'images', height: 10 },
  histogram: { kind: 'histogram', height: 10 },
  table: { kind: 'table', height: 8 },
  text: { kind: 'texts', height: 8 },
};

/** The panels of a template, in order; of one that is not known: of the automatic one. */
export function panelsFor(name: string, context: TemplateContext): Panel[] {
  if (name === 'blank') return [];
  const plans = figuresOf(context.keys, context.objective);
  if (name === 'sweep') return inOrder(sweep(plans, context));
  const chosen =
    name === 'training'
      ? first(plans, /loss|error|rate|^lr$|norm|perplex/i)
      : name === 'classification'
        ? first(plans, /acc|precision|recall|f1|auc|loss/i)
        : plans;
  return inOrder([...curves(chosen), ...logged(context), ...beside(context)]);
}

/** Those that fit, then at most four others. */
const first = (plans: readonly FigurePlan[], wanted: RegExp): FigurePlan[] => [
  ...plans.filter(({ base }) => wanted.test(base)),
  ...plans.filter(({ base }) => !wanted.test(base)).slice(0, 4),
];

const curves = (plans: readonly FigurePlan[]): NewPanel[] =>
  plans.slice(0, MOST_FIGURES).map(({ base, lines }, index) => ({
    id: idOf('curves', base),
    kind: 'curves',
    title: '',
    width: index < 2 ? 12 : 6,
    height: index === 0 ? 10 : index === 1 ? 7 : 6,
    settings: { keys: lines.map(({ key }) => key) },
  }));

/** One panel of each kind; which name it shows is chosen in it. */
const logged = ({ media }: TemplateContext): NewPanel[] =>
  media.map((kind) => ({ id: PANELS[kind].kind, title: '', width: 6, settings: {}, ...PANELS[kind] }));

function beside({ single, keys }: TemplateContext): NewPanel[] {
  const panel = (kind: string, width: number, height: number): NewPanel => ({
    ...{ id: idOf(kind, ''), kind, title: '', width, height, settings: {} },
  });
  if (!single) return keys.length > 0 ? [panel('bar', 12, 6)] : [];
  return [
    ...(keys.length > 0 ? [panel('health', 6, 6)] : []),
    ...(keys.some(isSystemMetric) ? [panel('resources', 6, 9)] : []),
    panel('events', keys.length > 0 ? 6 : 12, keys.some(isSystemMetric) ? 9 : 6),
    panel('logs', 12, 8),
  ];
}

function sweep(plans: readonly FigurePlan[], { objective, params, keys }: TemplateContext): NewPanel[] {
  const goal = objective && keys.includes(objective.key) ? objective.key : plans[0]?.lines.at(-1)?.key;
  if (goal === undefined) return [];
  return [
    { id: idOf('bar', goal), kind: 'bar', title: '', width: 6, height: 8, settings: { key: goal, what: 'best' } },
    ...params.slice(0, 6).map(
      (param): NewPanel => ({
        ...{ id: idOf('scatter', param), kind: 'scatter', title: '', width: 6, height: 8 },
        settings: { x: `param:${param}`, y: goal },
      }),
    ),
    ...curves(plans.slice(0, 4)).map((panel) => ({ ...panel, width: 6, height: 8 })),
  ];
}

/**
 * Id of a computed panel: the same for everyone, whatever letters the metric's name holds. Two FNV-1a hashes of 32 bits
 * (http://www.isthe.com/chongo/tech/comp/fnv/), from both ends of the name, keep thousands of names apart.
 */
export function idOf(kind: string, base: string): string {
  if (base === '') return kind;
  const [one, other] = [fnv(base), fnv([...base].reverse().join(''))];
  return `${kind}-${one.toString(36)}${other.toString(36).padStart(7, '0')}`;
}

function fnv(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
