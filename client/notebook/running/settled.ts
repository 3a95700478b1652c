/** Reading a document again once it has settled: for what lists all of it, and need not follow each letter. */
import { type Accessor, createSignal, onCleanup } from 'solid-js';
import type * as Y from 'yjs';

/** Another number `ms` after the last of several changes. Lives until the owner is disposed. */
export function createSettled(doc: Y.Doc, ms: number): Accessor<number> {
  const [version, setVersion] = createSignal(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const touched = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => setVersion((count) => count + 1), ms);
  };
  doc.on('update', touched);
  onCleanup(() => {
    clearTimeout(timer);
    doc.off('update', touched);
  });
  return version;
}
