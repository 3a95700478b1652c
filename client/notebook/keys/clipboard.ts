/**
 * Cells on their way to another place: this notebook, another one, or any program that takes text. They are also kept
 * by the browser, because a key that is no paste of the browser's own may not read its clipboard.
 */
import type { CellSeed } from '@trialroom/shared/notebook/document';
import { z } from 'zod';

/** Cells as data, beside the plain text. */
export const CELLS_MIME = 'application/vnd.trialroom.cells+json';

const KEPT = 'trialroom.cells';

const Cells = z.array(
  z.object({
    type: z.enum(['code', 'markdown', 'raw']),
    source: z.string(),
    metadata: z.record(z.string(), z.unknown()).optional(),
    extra: z.record(z.string(), z.unknown()).optional(),
  }),
);

/** A cell that has no identity yet. */
export type LooseCell = Omit<CellSeed, 'id'>;

/** What is put on the clipboard for these cells, by type. */
export function toClipboard(cells: readonly LooseCell[]): Record<string, string> {
  const loose = cells.map(({ type, source, metadata, extra }) => ({ type, source, metadata, extra }));
  return { [CELLS_MIME]: JSON.stringify(loose), 'text/plain': cells.map(({ source }) => source).join('\n\n') };
}

/** The cells in a text made by {@link toClipboard}; undefined when it is anything else. */
export function fromClipboard(text: string): LooseCell[] | undefined {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = Cells.safeParse(data);
  if (!parsed.success) return undefined;
  return parsed.data.map(({ type, source, metadata, extra }) => ({
    type,
    source,
    ...(metadata && { metadata }),
    ...(extra && { extra }),
  }));
}

/** Keeps cells for {@link kept}, in every page of this browser. What does not fit is only on the clipboard. */
export function keep(cells: readonly LooseCell[]): void {
  try {
    localStorage.setItem(KEPT, toClipboard(cells)[CELLS_MIME] ?? '');
  } catch {
    localStorage.removeItem(KEPT);
  }
}

/** The cells that were cut or copied last. */
export const kept = (): LooseCell[] => fromClipboard(localStorage.getItem(KEPT) ?? '') ?? [];
