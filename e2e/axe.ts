/** What axe says of a page in the real browser, against WCAG A and AA; one line a violation, with the element it is about. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { z } from 'zod';

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const Violations = z.array(
  z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) }),
);

const program = readFile(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** Resolves when colours that were on their way are there; what moves for ever is not waited for. */
export async function stillOn(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ending.map(({ finished }) => finished));
  });
}

/** Violations on the page as it is now, e.g. `color-contrast: <b class="…">…: insufficient contrast of 3.9`. */
export async function violationsOn(page: Page): Promise<string[]> {
  await page.evaluate(await program);
  const found = await page.evaluate(
    `axe.run(document, { runOnly: { type: 'tag', values: ${JSON.stringify(TAGS)} }, resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  );
  return Violations.parse(found).flatMap(({ id, nodes }) =>
    nodes.map(
      ({ html, failureSummary = '' }) => `${id}: ${html.slice(0, 160)}: ${failureSummary.split('\n')[1]?.trim()}`,
    ),
  );
}
