/** What a trial's code leaves behind: how well it did on examples held back, files, models. */
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, relative, sep } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs';
import type { ArtifactKind } from '@trialroom/shared/trial/artifact';
import type { Evaluation } from '@trialroom/shared/trial/evaluation';
import type { EvaluateOptions } from '../evaluate/options.ts';
import type { Outbox } from './outbox.ts';

/** What an artifact is made of: bytes, a text, or the file or folder at a path. */
export type ArtifactSource = Uint8Array | { text: string } | { path: string };

/** Loaded when it is first needed: most cells need none of it. */
const results = () => import('../evaluate/evaluate.ts');

/** Pieces on their way at once: what a file costs in memory, whatever its size. */
const PIECES_ON_THE_WAY = 4;

export abstract class TrialResults {
  /** The way out. @throws Error when the trial is over; `method` is named in it */
  protected abstract outboxFor(method: string): Outbox;
  /** Shows something under the cell. */
  protected abstract display(data: Record<string, unknown>): void;
  abstract summary(figures: Readonly<Record<string, unknown>>): void;

  /**
   * Judges predictions on examples that were held back. The figures go to the trial's results page, all predictions into an
   * artifact, the headline into the summary.
   * @throws RangeError or TypeError that names what does not fit, and where
   * @example
   * await run.evaluate({ truth: test.labels, probabilities: model.predict(test.images), inputs: test.images });
   */
  async evaluate(options: EvaluateOptions): Promise<Evaluation> {
    const { evaluate, evaluationText, sendEvaluation } = await results();
    const evaluated = await evaluate(options, Date.now());
    sendEvaluation(this.outboxFor('evaluate'), evaluated);
    this.summary(evaluated.summary);
    this.display({ 'text/plain': evaluationText(evaluated.evaluation) });
    return evaluated.evaluation;
  }

  /**
   * Keeps a file with the trial, by content. A folder is kept file by file, below `name`.
   * @param name like a relative path, e.g. `plots/loss.png`; a later file of the same name is its next version
   * @throws TypeError for a name that leads elsewhere, Error when the path cannot be read
   */
  async artifact(name: string, source: ArtifactSource, options: { kind?: ArtifactKind } = {}): Promise<void> {
    const { kind = 'file' } = options;
    const { mustBeName, sendArtifact } = await results();
    mustBeName(name);
    if (source instanceof Uint8Array) sendArtifact(this.outboxFor('artifact'), name, source, kind);
    else if ('text' in source) {
      sendArtifact(this.outboxFor('artifact'), name, new TextEncoder().encode(source.text), kind);
    } else await this.#keep(name, source.path, kind);
  }

  /**
   * Keeps a model with the trial, in the format that the name asks for: `.safetensors`, `.onnx`, or a folder of
   * TensorFlow.js.
   */
  async model(model: LayersModel, name = 'model.safetensors'): Promise<void> {
    (await results()).mustBeName(name);
    const { save } = await import('../model-files/index.ts');
    const folder = await mkdtemp(join(tmpdir(), 'trialroom-model-'));
    try {
      const path = join(folder, basename(name));
      await save(model, path);
      await this.#keep(name, path, 'model');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #keep(name: string, path: string, kind: ArtifactKind): Promise<void> {
    if (!(await stat(path)).isDirectory()) return this.#keepFile(name, path, kind);
    const found = await readdir(path, { recursive: true, withFileTypes: true });
    for (const entry of found.filter((one) => one.isFile())) {
      const file = join(entry.parentPath, entry.name);
      await this.#keepFile([name, ...relative(path, file).split(sep)].join('/'), file, kind);
    }
  }

  async #keepFile(name: string, path: string, kind: ArtifactKind): Promise<void> {
    const { ARTIFACT_PIECE, mustBeName } = await results();
    mustBeName(name);
    const file = await open(path);
    try {
      const { size } = await file.stat();
      for (let piece = 0; ; piece++) {
        const outbox = this.outboxFor('artifact');
        const { buffer, bytesRead } = await file.read({ buffer: new Uint8Array(ARTIFACT_PIECE) });
        const last = (piece + 1) * ARTIFACT_PIECE >= size || bytesRead < ARTIFACT_PIECE;
        outbox.say({ type: 'trial.artifact', name, kind, piece, last }, buffer.subarray(0, bytesRead));
        if (last) return;
        if (piece % PIECES_ON_THE_WAY === PIECES_ON_THE_WAY - 1) await outbox.durable();
      }
    } finally {
      await file.close();
    }
  }
}
