import { describe, expect, test } from 'vitest';
import { testDatabases } from '../database/testing.ts';
import { servedOn } from './testing-served.ts';

describe.each(testDatabases())('a report on $name', ({ open }) => {
  const { send } = servedOn(open);
  const report = async (body: object): Promise<{ name: string; type: string; text: string }> =>
    (await send('POST', '/api/trials/export', { format: 'report', ...body })).body;
  const acc = { of: 'metric', key: 'acc', reading: 'last' };

  test('tells of figures, of what is the same and what differs, against the baseline, with notes and links', async () => {
    await send('PATCH', '/api/experiments/e-digits', { baseline: 't00000' });
    await send('PATCH', '/api/trials/t00001', { name: 'best | *seed*', note: '# Why\n\nIt learns.', tags: ['keep'] });
    const { name, type, text } = await report({
      trials: ['t00001', 't00000', 't00003'],
      columns: [acc],
      origin: 'https://rooms.example/trials?q=',
    });
    expect([name, type]).toEqual(['report-2026-11-21.md', 'text/markdown']);
    expect(text).toBe(`# 3 trials of digits

2026-11-21 00:00 UTC

## Figures

| trial | status | ran | lr | seed | acc |
| --- | --- | --- | --- | --- | --- |
| [best \\| \\*seed\\*](https://rooms.example/trials/t00001) | completed | 1 s | \`0.1\` | \`1\` | 0.9 |
| [seed 0](https://rooms.example/trials/t00000) (baseline) | completed | 1 s | \`0.1\` | \`0\` | 0.8 |
| [seed 3](https://rooms.example/trials/t00003) | queued | – | \`0.01\` | \`1\` | NaN |

## What differs

| parameter | value | trials |
| --- | --- | --- |
| lr | \`0.1\` | best \\| \\*seed\\*, seed 0 |
| lr | \`0.01\` | seed 3 |
| seed | \`1\` | best \\| \\*seed\\*, seed 3 |
| seed | \`0\` | seed 0 |

## Against the baseline

digits is measured against [seed 0](https://rooms.example/trials/t00000): acc 0.8.

| trial | acc |
| --- | --- |
| best \\| \\*seed\\* | +0.1, better |
| seed 3 | NaN |

## Notes

### [best \\| \\*seed\\*](https://rooms.example/trials/t00001)

Tags: keep

> # Why
>
> It learns.
`);
  });

  test('says what was asked, and which parameters are the same; the baseline need not be chosen', async () => {
    await send('PATCH', '/api/experiments/e-digits', { baseline: 't00002' });
    const { text } = await report({ filter: 'params.lr = 0.1 and acc > 0', columns: [acc] });
    expect(text).toContain('those that fit `params.lr = 0.1 and acc > 0`');
    expect(text).toContain('## What is the same\n\n| parameter | value |\n| --- | --- |\n| lr | `0.1` |\n');
    expect(text).toContain('measured against [seed 2](/trials/t00002): acc 0.5.');
    expect(text).toContain('| seed 1 | +0.4, better |\n| seed 0 | +0.3, better |');
    expect((await report({ filter: 'name = nothing' })).text).toBe('# No trials\n');
    const { status } = await send('POST', '/api/trials/export', { format: 'report', origin: 'javascript:alert(1)' });
    expect(status).toBe(400);
  });
});
