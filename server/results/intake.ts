/**
 * Takes in what kernels send of results. What is acknowledged is durable; a file appears when its last piece is here, whole,
 * and a message that comes twice changes nothing.
 */
import { type Artifact, ArtifactName } from '@trialroom/shared/trial/artifact';
import { Evaluation } from '@trialroom/shared/trial/evaluation';
import type { Blobs } from '../blobs/blobs.ts';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import type { Hub } from '../live/hub.ts';
import { ArtifactRow, EvaluationRow } from './entities.ts';
import type { ResultsSink } from './sink.ts';
import { createUploads, MissingPiece } from './uploads.ts';

export interface IntakeOptions {
  db: Database;
  blobs: Pick<Blobs, 'put' | 'putStream'>;
  hub: Pick<Hub, 'emit'>;
  /** Where pieces of files wait for the rest. */
  uploadsDir: string;
  onError(error: unknown): void;
}

export function createIntake({ db, blobs, hub, uploadsDir, onError }: IntakeOptions): ResultsSink {
  const uploads = createUploads(uploadsDir);
  uploads.sweep(Date.now()).catch(onError);
  const tell = (trial: string): void => hub.emit(`trial:${trial}`, 'results', { trial });

  const name = async (trial: string, origin: string, artifact: Omit<Artifact, 'version'>): Promise<void> => {
    await db.em().transactional(async (em) => {
      // Two files of one name at once get two numbers.
      await em.execute('select pg_advisory_xact_lock(hashtext(?))', [`artifact ${trial} ${artifact.name}`]);
      if (await em.findOne(ArtifactRow, { trial, origin })) return;
      const [newest] = await em.find(
        ArtifactRow,
        { trial, name: artifact.name },
        { orderBy: { version: 'desc' }, limit: 1 },
      );
      em.create(ArtifactRow, { ...artifact, trial, origin, version: (newest?.version ?? 0) + 1 });
      await em.flush();
    });
  };

  return {
    evaluation: async (trial, execution, seq, json) => {
      const evaluation = parseEvaluation(json);
      const { sha256 } = await blobs.put(JSON.stringify(evaluation));
      const { task, count, at } = evaluation;
      const origin = `${execution}:${seq}`;
      await db.em().upsert(EvaluationRow, { trial, name: evaluation.name, task, count, at, sha256, origin });
      tell(trial);
    },
    artifact: async (trial, execution, seq, { name: given, kind, piece, last }, bytes) => {
      const checked = ArtifactName.safeParse(given);
      if (!checked.success) throw badName(given);
      const origin = `${execution}:${seq}`;
      const upload = `${trial} ${execution} ${given}`;
      const done = last && (await db.em().findOne(ArtifactRow, { trial, origin }));
      if (done) return;
      await uploads.keep(upload, piece, bytes);
      if (!last) return;
      try {
        const content = await blobs.putStream(uploads.pieces(upload, piece + 1));
        await name(trial, origin, { name: given, kind, at: Date.now(), ...content });
      } catch (error) {
        if (error instanceof MissingPiece) throw cutShort(given, error.piece);
        throw error;
      }
      await uploads.drop(upload);
      tell(trial);
    },
  };
}

function parseEvaluation(json: Uint8Array): Evaluation {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (error) {
    throw badEvaluation(error instanceof Error ? error.message : String(error), undefined);
  }
  const parsed = Evaluation.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badEvaluation(issue?.message ?? 'it has another shape', issue?.path.join('.'));
}

const badEvaluation = (why: string, where: string | undefined): Refusal =>
  new Refusal(400, {
    error: 'evaluation-malformed',
    message: `This is no evaluation: ${why}.`,
    ...(where ? { where } : {}),
    fix: 'Send what trial.evaluate makes, from a library of the same version as the server.',
  });

const badName = (name: string): Refusal =>
  new Refusal(400, {
    error: 'artifact-name',
    message: `"${name.slice(0, 300)}" cannot be the name of an artifact.`,
    fix: 'Give a relative path, with / between its parts and without "." and "..".',
  });

const cutShort = (name: string, piece: number): Refusal =>
  new Refusal(400, {
    error: 'artifact-cut-short',
    message: `"${name}" was ended, but its piece ${piece} has not arrived.`,
    where: name,
    fix: 'Send the file again from its first piece.',
  });
