/**
 * One answer for many who ask at once. Whoever asks while an answer is being made may not take it, since it may be older than
 * the question; but all of them may take the next one. So a hundred viewers cost two readings, not a hundred.
 */

/** Wraps a reading of something by its id. */
export function shared<Of extends { id: string }, Answer>(
  read: (of: Of) => Promise<Answer>,
): (of: Of) => Promise<Answer> {
  const running = new Map<string, { now: Promise<Answer>; next: Promise<Answer> | undefined }>();

  const begin = (of: Of): Promise<Answer> => {
    const now = read(of);
    const entry: { now: Promise<Answer>; next: Promise<Answer> | undefined } = { now, next: undefined };
    running.set(of.id, entry);
    const done = (): void => {
      if (running.get(of.id) === entry && !entry.next) running.delete(of.id);
    };
    now.then(done, done);
    return now;
  };

  return (of) => {
    const entry = running.get(of.id);
    if (!entry) return begin(of);
    entry.next ??= entry.now.then(
      () => begin(of),
      () => begin(of),
    );
    return entry.next;
  };
}
