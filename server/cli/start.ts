/** `trialroom start`: builds the client if needed, starts the server, says where everything is, and stays until told to stop. */
import { constants, copyFile, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startServer } from '../app.ts';
import { readConfig } from '../config.ts';
import { ensureClient } from './client-build.ts';
import { failure } from './failure.ts';
import { VERSION } from './main.ts';

/** How long the first page has the machine to itself. */
const PROBE_AFTER_MS = 1500;

/** Flags of `start`. */
export interface StartFlags {
  port?: number;
  host?: string;
  data?: string;
  notebooks?: string;
  demo?: boolean;
}

/** Starts, prints, and resolves once the server listens; signals end it. */
export async function start({ demo, data, notebooks, ...flags }: StartFlags): Promise<void> {
  const print = (line: string): void => console.log(line);
  const config = readConfig({ ...flags, dataDir: data, notebooksDir: notebooks });
  if (demo) await copyTour(config.notebooksDir);
  const starting = startServer(config);
  starting.catch(() => {}); // Said below, when the client has been looked at.
  try {
    await ensureClient(() => print('Building the browser client (once) …'));
  } catch (error) {
    await starting.then(({ close }) => close()).catch(() => {});
    throw error;
  }
  const server = await starting;
  stopOnSignals(server.close);

  print(`\nTrialroom ${VERSION}\n`);
  print(`  Open      ${server.url}/?token=${server.token}`);
  print(`  Data      ${config.dataDir} (${config.databaseUrl ? 'PostgreSQL of DATABASE_URL' : 'embedded database'})`);
  print(`  Notebooks ${config.notebooksDir}`);
  if (config.redisUrl) print('  Jobs      Redis of REDIS_URL');
  for (const warning of server.warnings) print(`  Warning   ${warning}`);

  try {
    // Whoever follows the printed address at once gets the machine first; loading a tensor engine takes a core for a while.
    if (!demo) await new Promise((resolve) => setTimeout(resolve, PROBE_AFTER_MS));
    const { probeBackend } = await import('./probe.ts');
    const report = await probeBackend();
    print(`  Backend   ${report.label}`);
    for (const { name, chosen, reason } of report.candidates) if (!chosen) print(`            ${name}: ${reason}`);
    print('');
    if (demo) await tour(server.url, server.token, print);
  } catch (error) {
    // The server is up and of use without a kernel that can train.
    console.error(failure(error));
  }
}

async function tour(url: string, token: string, print: (line: string) => void): Promise<void> {
  print('  The tour trains a digit classifier on MNIST; watch it in the notebook or in its room.');
  const { runTour } = await import('./tour.ts');
  const good = await runTour({ url, token, notebook: TOUR, print });
  print(good ? '  The server stays up. Ctrl C stops it.\n' : '');
}

/** What the tour runs, within the notebooks folder: a copy, since running it writes outputs into its file. */
const TOUR = 'demo/digits.ipynb';

/** Puts the copy there, unless there is one already; someone may have worked on it. */
async function copyTour(notebooksDir: string): Promise<void> {
  const copy = join(notebooksDir, TOUR);
  await mkdir(dirname(copy), { recursive: true });
  await copyFile(new URL('../../notebooks/digits.ipynb', import.meta.url), copy, constants.COPYFILE_EXCL).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    },
  );
}

/** The first signal stops gently; a second one at once. */
function stopOnSignals(close: () => Promise<void>): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    if (signal === 'SIGINT') console.log('\nStopping: saving everything, ending kernels. Ctrl C again ends at once.');
    close().then(
      () => process.exit(0),
      (error) => {
        console.error(failure(error));
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
}
