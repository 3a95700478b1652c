/** Notebooks written for a test: valid nbformat 4.5 with the cells it needs. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** A cell of a test notebook. */
export interface TestCell {
  id: string;
  source: string;
  type?: 'code' | 'markdown';
  tags?: string[];
}

/** nbformat JSON of these cells, with metadata of its own that Trialroom does not know. */
export function notebookJson(cells: TestCell[], metadata: Record<string, unknown> = {}): string {
  const json = {
    cells: cells.map(({ id, source, type = 'code', tags }) => ({
      cell_type: type,
      ...(type === 'code' ? { execution_count: null } : {}),
      id,
      metadata: tags ? { tags } : {},
      ...(type === 'code' ? { outputs: [] } : {}),
      source: source.split(/(?<=\n)/),
    })),
    metadata: {
      kernelspec: { display_name: 'TypeScript (Trialroom)', language: 'typescript', name: 'trialroom' },
      language_info: { name: 'typescript' },
      ...metadata,
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(json, null, 1)}\n`;
}

const Stored = z.looseObject({
  cells: z.array(
    z.looseObject({
      id: z.string(),
      cell_type: z.string(),
      source: z
        .union([z.string(), z.array(z.string())])
        .transform((source) => (Array.isArray(source) ? source.join('') : source)),
      outputs: z.array(z.looseObject({ output_type: z.string() })).optional(),
    }),
  ),
  metadata: z.record(z.string(), z.unknown()),
  nbformat: z.literal(4),
  nbformat_minor: z.number(),
});

/** Reads a notebook file as Jupyter would. */
export async function readNotebook(path: string): Promise<z.output<typeof Stored>> {
  return Stored.parse(JSON.parse(await readFile(path, 'utf8')));
}

/** Writes a notebook file. */
export async function writeNotebook(
  path: string,
  cells: TestCell[],
  metadata?: Record<string, unknown>,
): Promise<void> {
  await writeFile(path, notebookJson(cells, metadata));
}
