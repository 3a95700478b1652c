/** What a trial's code says in events: where it can go on from, what people should know, pictures and tables. */

import type { AlertLevel } from '@trialroom/shared/trial/alert';
import type { SaidEvent } from '@trialroom/shared/trial/event';
import { type AlertOptions, alertSaid, noteSaid, watchSaid } from './alerts.ts';
import { type CheckpointSaid, checkpointSaid } from './checkpoints.ts';
import { type ImageOptions, type ImageSource, imageSaid } from './images.ts';
import { type HistogramValues, histogramSaid, type MediaOptions, tableSaid, textSaid } from './media.ts';
import { TrialResults } from './results.ts';

export abstract class TrialWords extends TrialResults {
  /** The newest step logged. */
  abstract readonly step: number;
  /** Sends an event, after the points that were logged before it. @throws Error when the trial is over */
  protected abstract say(event: SaidEvent, method: string): void;

  /**
   * Says that the trial can go on from here: the file at `path` holds all that its code needs. Where the code says so
   * between its newest step and a pause, the pause may give back what the trial holds.
   * @param said `step`: the newest logged when not given
   */
  checkpoint(path: string, said: CheckpointSaid = {}): void {
    this.say(checkpointSaid(path, said, this.step), 'checkpoint');
  }

  /**
   * Tells everyone in the room something that they should look at.
   * @example if (gradientNorm > 100) run.alert('Gradients explode', { level: 'error', text: `norm ${gradientNorm}` });
   */
  alert(title: string, options: AlertOptions = {}): void {
    this.say(alertSaid(title, options, this.step), 'alert');
  }

  /**
   * Has this trial watched by a rule: the server raises an alert when it begins to hold, and says when it no longer does.
   * It counts from the trial's first point, and the same sentence twice is one rule.
   * @param when a sentence, as in the room
   * @throws TypeError for one that cannot be read, with those that can
   * @example run.watch('val_loss has not improved for 20 epochs');
   * @example run.watch('any metric is NaN', { level: 'error' });
   */
  watch(when: string, { level = 'warning' }: { level?: AlertLevel } = {}): void {
    this.say(watchSaid(when, level, this.step), 'watch');
  }

  /** Leaves a line among the events of the trial. */
  note(text: string, options: { step?: number } = {}): void {
    this.say(noteSaid(text, options.step ?? this.step), 'note');
  }

  /**
   * Logs a picture: a tensor or array of `[height, width]`, `[height, width, 1 | 3 | 4]` (0 to 1, or 0 to 255 in
   * `int32`), or the bytes of a PNG, JPEG or WebP file.
   * @throws TypeError or RangeError that says what cannot be drawn
   */
  image(key: string, picture: ImageSource, options: MediaOptions & ImageOptions = {}): void {
    this.say(imageSaid(key, picture, options, this.step), 'image');
  }

  /** Logs how values are spread: the values themselves (counted into 64 bins), or counts between edges. */
  histogram(key: string, values: HistogramValues, options: MediaOptions & { bins?: number } = {}): void {
    this.say(histogramSaid(key, values, options, this.step), 'histogram');
  }

  /** Logs a table: an array of rows, each an object of plain values. */
  table(key: string, rows: readonly Readonly<Record<string, unknown>>[], options: MediaOptions = {}): void {
    this.say(tableSaid(key, rows, options, this.step), 'table');
  }

  /** Logs a text, e.g. what a model has written. */
  text(key: string, text: string, options: MediaOptions = {}): void {
    this.say(textSaid(key, text, options, this.step), 'text');
  }
}
