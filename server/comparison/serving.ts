/** What comparison offers over HTTP, put together. */
import type { Database } from '../database/database.ts';
import type { Log } from '../log.ts';
import type { Shares } from '../sessions/kernels/share.ts';
import type { Trials } from '../trials/trials.ts';
import { analysisOf } from './analysis.ts';
import type { Capture } from './capture.ts';
import { createComparisons, type Predictions } from './comparison.ts';
import { createImportances } from './importance.ts';
import type { ComparisonServices } from './routes.ts';

export interface ComparisonOptions {
  db: Database;
  trials: Trials;
  capture: Capture;
  results: Predictions;
  shares: Shares;
  /** Folder that kernels which compute stand in, and their most memory in MB. */
  folder: string;
  memoryMb: number | undefined;
  log: Log;
}

export interface ComparisonServing extends ComparisonServices {
  /** Ends what is being computed. */
  close(): Promise<void>;
}

export function createComparison({ db, trials, ...rest }: ComparisonOptions): ComparisonServing {
  const importances = createImportances({ trials, ...rest });
  return {
    comparisons: createComparisons({ db, trials, ...rest }),
    importances,
    analysisOf: (id) => analysisOf(db, trials, id),
    close: () => importances.close(),
  };
}
