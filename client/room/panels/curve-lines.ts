/** The lines of a panel of curves: which metrics of which trials, under which names and in which pens. */
import { createMemo } from 'solid-js';
import type { DrawnCurve, Look } from '../../charts/model.ts';
import { useRoom } from '../context.ts';
import { MOST_LINES } from '../curves/glob.ts';
import { figuresOf } from '../curves/metrics.ts';
import { shortNames } from '../curves/short-names.ts';
import { penOf } from '../curves/trials.ts';
import { pausesOf } from '../trial/pauses.ts';

/** Longest name beside a line, in characters; the whole name is in the tables. */
const MOST_NAME = 28;
export const short = (name: string): string => (name.length > MOST_NAME ? `${name.slice(0, MOST_NAME - 1)}…` : name);

/** The lines of these metrics as the room has them now. Called once, by the component that draws them. */
export function createLines(keys: () => readonly string[], look: () => Look): () => DrawnCurve[] {
  const room = useRoom();
  /** Names and pens of a single trial's metrics: the same in every panel. */
  const styles = createMemo(
    () =>
      new Map(
        figuresOf(room.keys(), room.objective()).flatMap(({ lines }) => lines.map((line) => [line.key, line] as const)),
      ),
  );
  /** What tells trials apart, and what tells the metrics of this panel apart. */
  const names = createMemo(() => {
    const all = room.trials();
    // One trial alone is told apart from nothing: what its lines are called is their metrics.
    if (all.length === 1 && keys().length > 1) return new Map<string, string>();
    const short = shortNames(all.map(({ trial }) => trial.name));
    return new Map(all.map(({ id }, index) => [id, short[index] ?? ''] as const));
  });
  const parts = createMemo(
    () =>
      new Map(
        figuresOf(keys(), null).flatMap((plan, _, all) =>
          plan.lines.map(({ key, name }) => [key, all.length === 1 ? name : short(key)] as const),
        ),
      ),
  );
  const oneFigure = createMemo(() => figuresOf(keys(), null).length === 1);
  return () => {
    const wanted = keys();
    const alone = oneFigure();
    const by = look().x.startsWith('by:') ? look().x.slice(3) : null;
    room.need(by === null ? wanted : [...wanted, by]);
    const all = room.trials().flatMap((trial) => {
      const found = room.curves(trial);
      const { startedAt, createdAt } = trial.trial;
      const rest = {
        startedAt: startedAt ?? createdAt,
        pauses: look().x === 'process' ? pausesOf(trial.events) : undefined,
        axis: by === null ? undefined : found.get(by),
      };
      return wanted.flatMap((key, index): DrawnCurve[] => {
        const curve = found.get(key);
        if (!curve) return [];
        const style = styles().get(key);
        if (!room.single)
          return [
            {
              ...{ curve, ...rest, colour: penOf(trial.number) },
              name: `${names().get(trial.id) ?? ''} ${wanted.length === 1 ? '' : (parts().get(key) ?? key)}`.trim(),
            },
          ];
        return [
          {
            curve,
            ...rest,
            name: short(alone ? (style?.name ?? key) : key),
            colour: alone ? (style?.colour ?? 1) : (index % 10) + 1,
          },
        ];
      });
    });
    return all.slice(0, MOST_LINES);
  };
}
