/** Live: from `trial.log()` in the kernel to the point drawn in a room open in a browser. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { call } from '../e2e/api.ts';
import { launchBrowser } from '../e2e/browser.ts';
import { writeNotebook } from '../e2e/notebook-file.ts';
import { editor, openNotebook, signIn } from '../e2e/pages.ts';
import { startServer } from '../e2e/server.ts';
import { quantile, report } from './report.ts';

const POINTS = 200;
const WARM_UP = 20;

// 73 ms is no multiple of any batching interval, so points fall anywhere within one.
const SOURCE = `import { trial } from "trialroom";
const run = await trial({ experiment: "bench", name: "live", params: {} });
for (let step = 1; step <= 100_000 && !run.stopping; step++) {
  run.log({ loss: Math.exp(-step / 100) }, { step });
  await new Promise((done) => setTimeout(done, 73));
}
run.finish();`;

const Trials = z.object({ trials: z.array(z.object({ id: z.string(), status: z.string() })) });
const Series = z.object({
  series: z.array(
    z.object({ points: z.object({ key: z.string(), steps: z.array(z.number()), walls: z.array(z.number()) }) }),
  ),
});

export default async function measure(): Promise<boolean> {
  const notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-bench-'));
  await writeNotebook(join(notebooksDir, 'bench.ipynb'), [{ id: 'train', source: SOURCE }]);
  const server = await startServer({ notebooksDir });
  const browser = await launchBrowser();
  const { page } = await signIn(browser, server);
  await openNotebook(page, server, 'bench.ipynb');
  await editor(page, 'train').click();
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('[data-cell="train"][data-status="evaluating"]').waitFor();
  let id = '';
  while (!id)
    id = (await call(server, 'GET', '/api/trials', Trials)).trials.find(({ status }) => status === 'running')?.id ?? '';
  await page.goto(`${server.url}/trials/${id}`);
  // The figure's data-step is written by the chart's own draw hook, in the frame that draws the step.
  const seen = await page.evaluate(
    (count) =>
      new Promise<[step: number, at: number][]>((resolve) => {
        const drawn: [number, number][] = [];
        const watch = (figure: Element): void => {
          const observer = new MutationObserver(() => {
            const step = Number(figure.getAttribute('data-step'));
            const channel = new MessageChannel();
            channel.port1.onmessage = () => {
              drawn.push([step, performance.timeOrigin + performance.now()]);
              if (drawn.length >= count) {
                observer.disconnect();
                resolve(drawn);
              }
            };
            channel.port2.postMessage(null);
          });
          observer.observe(figure, { attributes: true, attributeFilter: ['data-step'] });
        };
        const find = (): void => {
          const figure = document.querySelector('[data-step]');
          if (figure) watch(figure);
          else requestAnimationFrame(find);
        };
        find();
      }),
    POINTS + WARM_UP,
  );
  const { series } = await call(server, 'GET', `/api/trials/${id}/series?width=10000`, Series);
  const loss = series.find(({ points }) => points.key === 'loss')?.points;
  const logged = new Map(loss?.steps.map((step, index) => [step, loss.walls[index] ?? Number.NaN]));
  const took = seen.slice(WARM_UP).flatMap(([step, at]) => {
    const wall = logged.get(step);
    return wall === undefined ? [] : [at - wall];
  });
  await browser.close();
  await server.stop();
  await rm(notebooksDir, { recursive: true, force: true });
  return report('live', [
    { name: 'p50', unit: 'ms', ours: quantile(took, 0.5), goal: 150 },
    { name: 'p95', unit: 'ms', ours: quantile(took, 0.95), goal: 250 },
  ]);
}
