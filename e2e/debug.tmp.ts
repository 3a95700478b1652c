import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { launchBrowser } from './browser.ts';
import { writeNotebook } from './notebook-file.ts';
import { cell, openNotebook, outputs, runCell, signIn } from './pages.ts';
import { startServer } from './server.ts';

const dir = await mkdtemp('/tmp/dbg-');
await writeNotebook(join(dir, 'pair.ipynb'), [
  { id: 'spin', source: 'while (true) {}' },
  { id: 'broken', source: 'const a = 1;\n\nthrow new Error("on line three")' },
  { id: 'rich', source: 'display({ rows: 3 });\n[{ city: "Oslo", rain: 1.5 }, { city: "Rome", rain: 0.5 }]' },
  {
    id: 'chart',
    source:
      'import { chart } from "trialroom";\nconst line = chart({ title: "Falling" });\nfor (let i = 0; i < 50; i++) line.push(i, { loss: 1 / (i + 1) });',
  },
  {
    id: 'evil',
    source:
      "import { html } from \"trialroom\";\nhtml(\"<p id=said>quiet</p><script>parent.document.title = 'stolen'; document.getElementById('said').textContent = 'ran'</script>\")",
  },
]);
const s = await startServer({ notebooksDir: dir });
const b = await launchBrowser();
const { page, errors } = await signIn(b, s);
page.on('console', (m) => console.log('console', m.text().slice(0, 300)));
await openNotebook(page, s, 'pair.ipynb');
await runCell(page, 'spin');
await page.locator('[data-cell="spin"][data-status="evaluating"]').waitFor();
await page.getByRole('button', { name: 'Interrupt' }).click();
await new Promise((r) => setTimeout(r, 1500));
for (const id of ['broken', 'rich', 'chart', 'evil']) {
  await runCell(page, id);
  await new Promise((r) => setTimeout(r, 2500));
  console.log(
    id,
    await cell(page, id).getAttribute('data-status'),
    await cell(page, id).getAttribute('data-validity'),
    JSON.stringify((await outputs(page, id).innerText()).slice(0, 600)),
  );
}
await page.screenshot({ path: '/tmp/dbg.png', fullPage: true });
console.log(errors);
await b.close();
await s.stop();
