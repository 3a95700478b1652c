import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  addPanel,
  configurePanel,
  dashboardOf,
  inOrder,
  isArranged,
  movePanel,
  type NewPanel,
  newDashboard,
  panelsOf,
  removePanel,
  resizePanel,
  templateOf,
  useTemplate,
} from './dashboard.ts';
import { layOut, type Place } from './layout.ts';
import { COLUMNS } from './panel.ts';

const panel = (id: string): NewPanel => ({
  id,
  kind: 'curves',
  title: '',
  width: 6,
  height: 5,
  settings: { keys: id },
});
const template = inOrder(['loss', 'accuracy', 'rate', 'norm'].map(panel));
const open = (): Y.Doc => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, START);
  return doc;
};
const START = newDashboard();
const ids = (doc: Y.Doc): string[] => panelsOf(doc, template).map(({ id }) => id);
function sync(docs: readonly Y.Doc[]): void {
  for (const from of docs) for (const to of docs) if (from !== to) Y.applyUpdate(to, Y.encodeStateAsUpdate(from));
}
const overlap = (a: Place, b: Place): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** What one person does; numbers choose among the panels that they see then. */
const act = fc.oneof(
  fc.record({ do: fc.constant('add' as const), at: fc.nat() }),
  fc.record({ do: fc.constant('move' as const), which: fc.nat(), at: fc.nat() }),
  fc.record({
    do: fc.constant('resize' as const),
    which: fc.nat(),
    width: fc.integer({ min: 2, max: 12 }),
    height: fc.integer({ min: 2, max: 40 }),
  }),
  fc.record({ do: fc.constant('configure' as const), which: fc.nat(), title: fc.string({ maxLength: 20 }) }),
  fc.record({ do: fc.constant('remove' as const), which: fc.nat() }),
);
const history = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ who: fc.nat({ max: 2 }), act }) },
    { weight: 1, arbitrary: fc.constant('sync' as const) },
  ),
  {
    maxLength: 40,
  },
);

describe('a dashboard that several people arrange at once', () => {
  it('ends as one layout for all, without overlap, and nothing is lost that nobody removed', () => {
    fc.assert(
      fc.property(history, (story) => {
        const docs = [open(), open(), open()];
        const removed = new Set<string>();
        const added: string[] = [];
        for (const part of story) {
          if (part === 'sync') {
            sync(docs);
            continue;
          }
          const doc = docs[part.who] ?? open();
          const seen = panelsOf(doc, template);
          const pick = (which: number): string | null => seen[which % Math.max(1, seen.length)]?.id ?? null;
          const { act } = part;
          const which = 'which' in act ? pick(act.which) : null;
          if (act.do === 'add') {
            const id = `new-${part.who}-${added.length}`;
            added.push(id);
            addPanel(doc, seen, panel(id), pick(act.at));
            expect(ids(doc)).toContain(id);
          } else if (which === null) continue;
          else if (act.do === 'move') movePanel(doc, seen, which, pick(act.at));
          else if (act.do === 'resize') resizePanel(doc, which, act);
          else if (act.do === 'configure') configurePanel(doc, which, { title: act.title });
          else {
            removePanel(doc, template, which);
            removed.add(which);
          }
        }
        sync(docs);
        const [first, ...others] = docs.map((doc) => panelsOf(doc, template));
        for (const other of others) expect(other).toEqual(first);
        const there = first ?? [];
        const wanted = [...template.map(({ id }) => id), ...added].filter((id) => !removed.has(id));
        expect(there.map(({ id }) => id).sort()).toEqual(wanted.sort());
        const places = layOut(there);
        for (const [index, place] of places.entries()) {
          expect(place.x + place.width).toBeLessThanOrEqual(COLUMNS);
          for (const other of places.slice(index + 1)) expect(overlap(place, other)).toBe(false);
          const { width, height } = there[index] ?? panel('');
          expect(place).toMatchObject({ width, height });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('keeps what each of two people changed of one panel', () => {
    const [ada, ben] = [open(), open()];
    resizePanel(ada, 'loss', { width: 12, height: 9 });
    configurePanel(ben, 'loss', { title: 'Ours', settings: { log: true } });
    movePanel(ben, panelsOf(ben, template), 'loss', null);
    sync([ada, ben]);
    expect(panelsOf(ada, template).at(-1)).toMatchObject({
      ...{ id: 'loss', title: 'Ours', width: 12, height: 9, settings: { keys: 'loss', log: true } },
    });
  });

  it('puts a panel between two that were moved to one place by two people', () => {
    const [ada, ben] = [open(), open()];
    movePanel(ada, panelsOf(ada, template), 'rate', 'loss');
    movePanel(ben, panelsOf(ben, template), 'norm', 'loss');
    sync([ada, ben]);
    expect(ids(ada)).toEqual(['norm', 'rate', 'loss', 'accuracy']);
    movePanel(ada, panelsOf(ada, template), 'accuracy', 'rate');
    expect(ids(ada)).toEqual(['norm', 'accuracy', 'rate', 'loss']);
  });
});

describe('a dashboard', () => {
  it('shows the panels of new metrics in a room that was arranged before', () => {
    const doc = open();
    removePanel(doc, template, 'rate');
    movePanel(doc, panelsOf(doc, template), 'norm', 'loss');
    const more = inOrder(['loss', 'accuracy', 'rate', 'norm', 'reward'].map(panel));
    expect(panelsOf(doc, more).map(({ id }) => id)).toEqual(['norm', 'loss', 'accuracy', 'reward']);
  });

  it('is undone step by step, and begins anew with a template', () => {
    const doc = open();
    expect(isArranged(doc)).toBe(false);
    const undo = new Y.UndoManager(dashboardOf(doc), { captureTimeout: 0 });
    removePanel(doc, template, 'loss');
    resizePanel(doc, 'rate', { width: 12, height: 3 });
    undo.undo();
    expect(panelsOf(doc, template).map(({ width }) => width)).toEqual([6, 6, 6]);
    undo.undo();
    expect(ids(doc)).toEqual(['loss', 'accuracy', 'rate', 'norm']);
    addPanel(doc, panelsOf(doc, template), panel('mine'), 'loss');
    useTemplate(doc, 'blank');
    expect(templateOf(doc)).toBe('blank');
    expect(panelsOf(doc, [])).toEqual([]);
    undo.undo();
    expect(ids(doc)[0]).toBe('mine');
    useTemplate(doc, 'auto');
    expect(isArranged(doc)).toBe(false);
  });

  it('reads past what makes no sense', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.oneof(
              fc.constantFrom(
                'loss/width',
                'loss/order',
                'x/kind',
                'x/order',
                'x/width',
                '/',
                'loss/',
                'template',
                'x/set/a',
              ),
              fc.string({ maxLength: 10 }),
            ),
            fc.jsonValue(),
          ),
        ),
        (entries) => {
          const doc = open();
          for (const [key, value] of entries) dashboardOf(doc).set(key, value);
          const panels = panelsOf(doc, template);
          expect(panels.find(({ id }) => id === 'accuracy')).toBeDefined();
          expect(layOut(panels)).toHaveLength(panels.length);
          expect(typeof templateOf(doc)).toBe('string');
        },
      ),
    );
  });
});
