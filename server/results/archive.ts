/** Many artifacts as one ZIP archive, made while it is read. */
import { Zip, ZipDeflate } from 'fflate';
import type { ArtifactContent } from './results.ts';

const EARLIEST = Date.UTC(1980, 0, 2);

/** The archive, piece by piece: no file of it is in memory whole. */
export async function* zipped(artifacts: readonly ArtifactContent[]): AsyncIterable<Uint8Array> {
  const ready: Uint8Array[] = [];
  let failure: Error | null = null;
  const zip = new Zip((error, piece) => {
    if (error) failure = error;
    else ready.push(piece);
  });
  const drain = function* (): Iterable<Uint8Array> {
    if (failure) throw failure;
    yield* ready.splice(0);
  };
  for (const artifact of artifacts) {
    const entry = new ZipDeflate(artifact.name, { level: 6 });
    // The format knows no time before 1980.
    entry.mtime = Math.max(artifact.at, EARLIEST);
    zip.add(entry);
    for await (const piece of artifact.read()) {
      entry.push(piece, false);
      yield* drain();
    }
    entry.push(new Uint8Array(0), true);
    yield* drain();
  }
  zip.end();
  yield* drain();
}
