/** What a kernel link tells about results. Implemented by results; called where a kernel is joined. */
import type { Artifact } from '@trialroom/shared/trial/artifact';

/** A piece of a file on its way. */
export interface ArtifactPiece {
  name: string;
  kind: Artifact['kind'];
  /** Counted from 0. */
  piece: number;
  last: boolean;
}

export interface ResultsSink {
  /** Resolves when the evaluation (UTF-8 JSON) is durable; repeating it changes nothing. @throws Refusal (400) for another shape */
  evaluation(trial: string, execution: string, seq: number, json: Uint8Array): Promise<void>;
  /**
   * Resolves when the piece is durable; with the last one the file is there, whole. Repeating a piece changes nothing.
   * @throws Refusal (400) for a bad name, or when a piece before it is missing
   */
  artifact(trial: string, execution: string, seq: number, piece: ArtifactPiece, bytes: Uint8Array): Promise<void>;
}
