/**
 * Something that a panel reads. Not a resource of Solid's: one that is on its way takes the whole page away until it is
 * there, up to the nearest boundary, and a panel's frame reads what its body has from outside of any.
 */
import { createEffect, createSignal, on, onCleanup } from 'solid-js';

export interface Reading<T> {
  /** What was read last, even while something newer is on its way; undefined: nothing was yet. */
  value(): T | undefined;
  /** Why the last reading failed; undefined: it did not. */
  failure(): unknown;
  loading(): boolean;
  again(): void;
}

/** Reads whenever `source` changes, for as long as the calling component lives; what was overtaken is dropped. */
export function createReading<S, T>(source: () => S | undefined, read: (source: S) => Promise<T>): Reading<T> {
  const [value, setValue] = createSignal<T>();
  const [failure, setFailure] = createSignal<unknown>();
  const [loading, setLoading] = createSignal(false);
  let newest = 0;
  const begin = (wanted: S | undefined): void => {
    const own = ++newest;
    const when = (act: () => void) => () => {
      if (own !== newest) return;
      setLoading(false);
      act();
    };
    if (wanted === undefined) {
      setLoading(false);
      return;
    }
    setLoading(true);
    read(wanted).then(
      (found) =>
        when(() => {
          setValue(() => found);
          setFailure(undefined);
        })(),
      (error: unknown) => when(() => setFailure(() => error))(),
    );
  };
  createEffect(on(source, begin));
  onCleanup(() => {
    newest = -1;
  });
  return { value, failure, loading, again: () => begin(source()) };
}
