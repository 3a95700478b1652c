/** One live line in the terminal for what is being trained: a bar, figures and an ETA; plain lines where there is no terminal. */
import type { Progress } from '@trialroom/shared/kernel/protocol';
import cliProgress from 'cli-progress';

/** What a terminal shows of a running trial. */
export interface TrialLine {
  name: string;
  progress: Progress | null;
  /** Newest value by metric key. */
  figures: Readonly<Record<string, number>>;
  startedAt: number | null;
}

/** Seconds left if the rest goes as fast as what is done; undefined when nothing can be said. */
export function remainingSeconds(progress: Progress, startedAt: number, now: number): number | undefined {
  if (progress.total === undefined || progress.done <= 0) return undefined;
  return ((now - startedAt) / 1000 / progress.done) * Math.max(0, progress.total - progress.done);
}

/** `3 h 07 m`, `4 m 09 s`, `12 s`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, '0');
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} m`;
  return minutes > 0 ? `${minutes} m ${rest} s` : `${whole} s`;
}

/** `loss 0.2310  accuracy 0.9312`; the two figures people look for come first. */
export function formatFigures(figures: Readonly<Record<string, number>>): string {
  const rank = (key: string): number => ['loss', 'accuracy', 'val_loss', 'val_accuracy'].indexOf(key) + 1 || 99;
  return Object.entries(figures)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, 4)
    .map(([key, value]) => `${key} ${Math.abs(value) >= 1000 ? value.toFixed(0) : value.toFixed(4)}`)
    .join('  ');
}

/** Draws and redraws the line. */
export class TerminalProgress {
  #bar: cliProgress.SingleBar | undefined;
  #lastPlain = 0;
  readonly #out: NodeJS.WriteStream;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  /** Shows the newest state. */
  show(line: TrialLine): void {
    const { progress, startedAt } = line;
    const total = progress?.total;
    const left = progress && startedAt !== null ? remainingSeconds(progress, startedAt, Date.now()) : undefined;
    const payload = {
      figures: formatFigures(line.figures),
      note: progress?.note ?? '',
      left: left === undefined ? '' : `ETA ${formatSeconds(left)}`,
    };
    if (!this.#out.isTTY) {
      this.#plain(line, payload);
      return;
    }
    if (!this.#bar) {
      this.#bar = new cliProgress.SingleBar({
        format: '  {bar} {percentage} %  {value} of {total}  {figures}  {left}  {note}',
        barCompleteChar: '━',
        barIncompleteChar: '─',
        barsize: 28,
        hideCursor: true,
        clearOnComplete: false,
        autopadding: true,
        stream: this.#out,
      });
      this.#bar.start(total ?? 0, progress?.done ?? 0, payload);
    }
    if (total !== undefined) this.#bar.setTotal(total);
    this.#bar.update(progress?.done ?? 0, payload);
  }

  /** Leaves the last state on screen and gives the terminal back. */
  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
    this.#lastPlain = 0;
  }

  #plain(line: TrialLine, payload: { figures: string; left: string }): void {
    const now = Date.now();
    const { progress } = line;
    const finished = progress?.total !== undefined && progress.done >= progress.total;
    if (now - this.#lastPlain < 2000 && !finished) return;
    this.#lastPlain = now;
    const share = progress?.total
      ? `${Math.floor((100 * progress.done) / progress.total)} %`
      : `${progress?.done ?? 0} steps`;
    this.#out.write(`  ${share}  ${payload.figures}  ${payload.left}\n`);
  }
}
