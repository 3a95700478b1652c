import { MIME } from '@trialroom/shared/notebook/outputs';
import { describe, expect, it } from 'vitest';
import { chooseMime, textOf } from './choose.ts';

describe('chooseMime', () => {
  it.each([
    [{ 'text/plain': 'a', 'text/html': '<b>a</b>' }, 'html'],
    [{ 'text/plain': 'a', 'text/html': '<table>', [MIME.table]: {} }, 'table'],
    [{ 'text/plain': 'a', [MIME.chart]: {} }, 'chart'],
    [{ 'text/plain': 'a', [MIME.trial]: {}, [MIME.chart]: {} }, 'trial'],
    [{ 'text/plain': 'a', 'image/png': 'aa', 'image/svg+xml': '<svg/>' }, 'svg'],
    [{ 'text/plain': 'a', 'application/json': { a: 1 } }, 'json'],
    [{ 'text/plain': 'a', 'text/markdown': '*a*' }, 'markdown'],
    [{ 'text/plain': '' }, 'text'],
    [{ 'text/plain': 'a', [MIME.widget]: { widget: 'w' } }, 'widget'],
    [{ 'text/plain': 'a', 'text/html': '<progress>', [MIME.progress]: { done: 1 } }, 'progress'],
    [{ 'text/plain': 'a', 'image/png': 'aa', [MIME.vegaLite]: {} }, 'vega'],
    [{ 'text/plain': 'a', [MIME.table]: {}, [MIME.blob]: {} }, 'table'],
    [{ 'application/vnd.plotly.v1+json': {}, 'text/plain': 'fig' }, 'text'],
    [{ 'application/vnd.plotly.v1+json': {} }, 'json'],
    [{ 'text/x-log': 'a' }, 'text'],
    [{ 'video/mp4': 'aaaa' }, 'unknown'],
    [{}, 'unknown'],
  ])('%o is drawn as %s', (data, drawing) => {
    expect(chooseMime(data).drawing).toBe(drawing);
  });

  it('passes over a form that is offered empty', () => {
    expect(chooseMime({ 'text/html': null, 'text/plain': 'a' }).mime).toBe('text/plain');
  });
});

describe('textOf', () => {
  it('joins the lines a file keeps', () => expect(textOf(['a\n', 'b'])).toBe('a\nb'));
  it('writes anything else as JSON', () => expect(textOf({ a: 1 })).toBe('{\n  "a": 1\n}'));
});
