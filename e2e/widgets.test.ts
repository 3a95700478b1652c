/** Two people and one notebook that asks them: widgets that both move, a question that the other answers, progress, charts. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { call } from './api.ts';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, openForTwo, openNotebook, outputs, retype, runCell, settled, signIn } from './pages.ts';
import { type RunningServer, startServer } from './server.ts';

let notebooksDir: string;
let server: RunningServer;
let browser: Browser;
let ada: Page;
let ben: Page;
const errors: string[][] = [];

beforeAll(async () => {
  notebooksDir = await mkdtemp(join(tmpdir(), 'trialroom-widgets-'));
  await writeNotebook(join(notebooksDir, 'asks.ipynb'), [
    {
      id: 'slide',
      source: [
        "import { slider } from 'trialroom';",
        "const rate = slider('Rate', { min: 0, max: 10, step: 1, value: 2 });",
        "rate.subscribe((value, by) => console.log('heard', value, 'of', by?.name));",
        'rate',
      ].join('\n'),
    },
    { id: 'read', source: 'rate.value * 100' },
    {
      id: 'form',
      source: [
        "import { button, checkbox, file, select, text } from 'trialroom';",
        "const [kind, on, name, go, given] = [select('Kind', { small: 16, large: 64 }), checkbox('Shuffle'), text('Name'), button('Go'), file('Data')];",
        'for (const each of [kind, on, name, go, given]) display(each);',
        'await go.next();',
        'console.log(JSON.stringify([kind.value, on.value, name.value, go.value, given.value?.name, Buffer.from(given.value?.content ?? []).toString()]))',
      ].join('\n'),
    },
    {
      id: 'ask',
      source:
        "import { input } from 'trialroom';\nconst answer = await input('What is the name of the run?');\nanswer.toUpperCase()",
    },
    {
      id: 'reads',
      source: 'const lines = []; for await (const line of process.stdin) lines.push(String(line).trim());\nlines',
    },
    {
      id: 'progress',
      source: [
        "import { progress, signal } from 'trialroom';",
        "const bar = progress(100, 'stepping');",
        'bar.step(40);',
        'await new Promise((go) => { rate.subscribe(go); });',
        'bar.step(60); bar.done();',
      ].join('\n'),
    },
    {
      id: 'vega',
      source: [
        "import { vegaLite } from 'trialroom';",
        "vegaLite({ data: { values: [{ a: 'x', b: 3 }, { a: 'y', b: 5 }] }, mark: 'bar', transform: [{ calculate: 'datum.b * 2', as: 'c' }],",
        "  encoding: { x: { field: 'a' }, y: { field: 'c', type: 'quantitative' } } })",
      ].join('\n'),
    },
    {
      id: 'spy',
      source: [
        "import { vegaLite as spy } from 'trialroom';",
        "const hears = (source, value) => ({ events: { source, type: 'click' }, update: JSON.stringify(value) });",
        "spy({ $schema: 'https://vega.github.io/schema/vega/v6.json', width: 200, height: 40,",
        "  signals: [{ name: 'heard', value: 'nothing', on: [hears('view', 'itself'), hears('body', 'the page')] }],",
        "  marks: [{ type: 'text', encode: { update: { text: { signal: 'heard' }, x: { value: 9 }, y: { value: 20 } } } }] })",
      ].join('\n'),
    },
    {
      id: 'remote',
      source:
        "import { vegaLite as chart } from 'trialroom';\nchart({ data: { url: '/api/me' }, mark: 'bar', encoding: { x: { field: 'a' } } })",
    },
    {
      id: 'both',
      source:
        "import { input as ask } from 'trialroom';\nconst given = await Promise.all([ask('First?'), ask('Second?')]);\ngiven.join(' and ')",
    },
    { id: 'formula', source: "import { latex } from 'trialroom';\nlatex('\\\\frac{a}{b}\\n= c')" },
    { id: 'rows', source: 'Array.from({ length: 100_000 }, (_, id) => ({ id, square: id * id }))' },
  ]);
  server = await startServer({ notebooksDir });
  browser = await launchBrowser();
  const people = await openForTwo(browser, server, 'asks.ipynb');
  ({ ada, ben } = people);
  errors.push(...people.errors);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(notebooksDir, { recursive: true, force: true });
});

const slider = (page: Page) => outputs(page, 'slide').getByRole('slider', { name: 'Rate' });

describe('two people who are asked', () => {
  it('share one slider: both see its value, code reads it, and a listener hears of it', async () => {
    await runCell(ada, 'slide');
    await slider(ben).waitFor();
    expect(await slider(ben).inputValue()).toBe('2');
    await slider(ada).focus();
    await ada.keyboard.press('ArrowRight');
    await outputs(ben, 'slide').getByText('heard 3 of').waitFor();
    await ben.locator('[data-widget="slider"] output').getByText('3', { exact: true }).waitFor();
    await slider(ben).focus();
    await ben.keyboard.press('End');
    await ada.locator('[data-widget="slider"] output').getByText('10', { exact: true }).waitFor();
    await outputs(ada, 'slide').getByText('heard 10 of').waitFor();
    await runCell(ada, 'read');
    await outputs(ben, 'read').getByText('1000').waitFor();
  });

  it('keep what was chosen when the cell is run again', async () => {
    await runCell(ada, 'slide');
    await settled(ben, 'slide', 'evaluated');
    await ben.locator('[data-widget="slider"] output').getByText('10', { exact: true }).waitFor();
  });

  it('fill in a form together, and the code that waits goes on', async () => {
    await runCell(ada, 'form');
    const form = (page: Page) => outputs(page, 'form');
    await form(ben).getByRole('combobox', { name: 'Kind' }).selectOption('large');
    await form(ada).getByRole('checkbox', { name: 'Shuffle' }).check();
    await form(ben).getByRole('textbox', { name: 'Name' }).fill('first run');
    await ben.keyboard.press('Enter');
    await form(ada)
      .getByLabel('Data')
      .setInputFiles({ name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from('x,y') });
    await form(ben).getByText('a.csv').waitFor();
    await ada.waitForFunction(
      () => document.querySelector<HTMLInputElement>('[data-widget="text"] input')?.value === 'first run',
    );
    await form(ben).locator('[data-widget="checkbox"] input:checked').waitFor();
    await form(ben).getByRole('button', { name: 'Go' }).click();
    await form(ada).getByText('[64,true,"first run",1,"a.csv","x,y"]').waitFor();
  });

  it('answer what a cell of the other asks', async () => {
    await runCell(ada, 'ask');
    const question = (page: Page) => page.locator('[data-cell="ask"]').getByLabel('What is the name of the run?');
    await question(ada).waitFor();
    await question(ben).fill('Hedgehog');
    await ben.keyboard.press('Enter');
    await outputs(ada, 'ask').getByText("'HEDGEHOG'").waitFor();
    await question(ada).waitFor({ state: 'detached' });
    await question(ben).waitFor({ state: 'detached' });
  });

  it('are asked for lines of the standard input, until one of them says that it ends', async () => {
    await runCell(ada, 'reads');
    const field = ada.locator('[data-cell="reads"]').getByLabel('The cell waits for text');
    await field.fill('first');
    const asked = await ada.locator('[data-cell="reads"] [data-prompt]').getAttribute('data-prompt');
    await ada.keyboard.press('Enter');
    const next = ben.locator(`[data-cell="reads"] [data-prompt]:not([data-prompt="${asked}"])`);
    await next.getByRole('button', { name: 'End of input' }).click();
    await outputs(ada, 'reads').getByText("[ 'first' ]").waitFor();
    await runCell(ada, 'reads');
    await field.focus();
    await ada.keyboard.press('Control+d');
    await outputs(ada, 'reads').getByText('[]').waitFor();
  });

  it('are asked two things at once, one after the other under the same hands', async () => {
    await runCell(ada, 'both');
    await cell(ada, 'both').getByLabel('Second?').waitFor();
    await ada.keyboard.type('one');
    await ada.keyboard.press('Enter');
    const second = cell(ada, 'both').getByLabel('Second?');
    await expect.poll(() => second.evaluate((field) => field === document.activeElement)).toBe(true);
    await ada.keyboard.type('two');
    await ada.keyboard.press('Enter');
    await outputs(ben, 'both').getByText("'one and two'").waitFor();
    // With the last question gone the keys are the cell's again.
    await ada.locator('[data-cell="both"]:focus').waitFor();
  });

  it('see progress move', async () => {
    await runCell(ada, 'progress');
    const bar = (page: Page) => outputs(page, 'progress').getByRole('progressbar', { name: 'stepping' });
    await bar(ben).waitFor();
    await outputs(ben, 'progress').locator('[data-progress="running"]').getByText('40 %').waitFor();
    await slider(ben).focus();
    await ben.keyboard.press('Home');
    await outputs(ben, 'progress').locator('[data-progress="done"]').getByText('100 %').waitFor();
    expect(await bar(ada).getAttribute('aria-valuenow')).toBe('100');
  });

  it('see a Vega-Lite chart, whose expressions are interpreted', async () => {
    await runCell(ada, 'vega');
    const bars = outputs(ben, 'vega').locator('.mark-rect path');
    await bars.first().waitFor();
    expect(await bars.count()).toBe(2);
    expect(await bars.last().getAttribute('aria-label')).toContain('c: 10');
  });

  it('are heard by a chart only where they point at it', async () => {
    await runCell(ada, 'spy');
    const chart = outputs(ben, 'spy');
    await chart.getByText('nothing').waitFor();
    // The click goes up through the page; whoever listens there hears it after the chart.
    await chart.locator('svg.marks').click();
    await chart.getByText('itself').waitFor();
    expect(await chart.getByText('the page').count()).toBe(0);
  });

  it('are told when a chart wants data from elsewhere', async () => {
    await runCell(ada, 'remote');
    await outputs(ben, 'remote').getByText('a chart in a notebook loads nothing').waitFor();
  });

  it('see formulas, and tables whose whole is a file', async () => {
    await runCell(ada, 'formula');
    await outputs(ben, 'formula').locator('.katex .mfrac').waitFor();
    await runCell(ada, 'rows');
    await outputs(ben, 'rows').getByText('200 of 100,000 rows').waitFor();
    const table = outputs(ben, 'rows');
    await table.getByRole('button', { name: 'square' }).click();
    await table.getByText('100,000 rows', { exact: false }).waitFor();
    await table.getByRole('button', { name: 'square' }).click();
    await table.getByRole('cell', { name: '9,999,800,001' }).waitFor();
    expect(await table.locator('tr[data-row]').count()).toBeLessThan(100);
    await table.getByRole('button', { name: 'Filter rows' }).click();
    await table.getByRole('searchbox', { name: 'Filter rows' }).fill('id < 30 square > 100');
    await table.getByText('19 of 100,000 rows pass').waitFor();
    await table.getByRole('cell', { name: '841', exact: true }).waitFor();
    const address = await outputs(ben, 'rows')
      .getByRole('link', { name: /All as CSV/ })
      .getAttribute('href');
    const csv = await ben.evaluate(async (url) => (await fetch(url)).text(), String(address));
    expect(csv.split('\r\n')).toHaveLength(100_002);
  });

  it('have widgets in words in the file', async () => {
    await retype(ada, 'read', 'rate.value');
    await runCell(ada, 'read');
    await settled(ada, 'read', 'evaluated');
    await expect.poll(() => readFile(join(notebooksDir, 'asks.ipynb'), 'utf8')).toContain('slider “Rate” = 10');
  });

  it('are watched by a guest, who sees it all and changes nothing', async () => {
    const { url } = await call(server, 'POST', '/api/invites', z.object({ url: z.string() }), { role: 'viewer' });
    const guest = await signIn(browser, { ...server, signIn: url });
    errors.push(guest.errors);
    await openNotebook(guest.page, server, 'asks.ipynb');
    await slider(guest.page).waitFor();
    expect(await slider(guest.page).isDisabled()).toBe(true);
    await runCell(ada, 'ask');
    const field = (page: Page) => page.locator('[data-prompt] input');
    await field(guest.page).waitFor();
    expect(await field(guest.page).isDisabled()).toBe(true);
    await field(ada).fill('seen');
    await ada.keyboard.press('Enter');
    await outputs(guest.page, 'ask').getByText("'SEEN'").waitFor();
  });

  it('see widgets greyed out when the kernel is replaced', async () => {
    await ada.getByRole('button', { name: 'Restart' }).click();
    const sure = ada.getByRole('dialog').getByRole('button', { name: 'Restart', exact: true });
    if (await sure.isVisible()) await sure.click();
    await ben.locator('[data-widget="slider"].off').getByText('no longer listened to').waitFor();
    expect(await slider(ben).isDisabled()).toBe(true);
  });

  it('meet no error in the page', () => {
    expect(errors.flat()).toEqual([]);
  });
});
