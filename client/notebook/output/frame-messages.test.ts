import { describe, expect, it } from 'vitest';
import { frameStyle, readFromFrame } from './frame-messages.ts';

describe('readFromFrame', () => {
  it('reads a wish for content and a height', () => {
    expect(readFromFrame({ type: 'trialroom:ready' })).toEqual({ type: 'trialroom:ready' });
    expect(readFromFrame({ type: 'trialroom:height', height: 12.5 })).toEqual({
      type: 'trialroom:height',
      height: 12.5,
    });
  });

  it.each([
    null,
    'trialroom:ready',
    { type: 'ready' },
    { type: 'trialroom:height' },
    { type: 'trialroom:height', height: Number.NaN },
    { type: 'trialroom:height', height: -1 },
    { type: 'trialroom:height', height: 1e9 },
    { type: 'trialroom:height', height: '5' },
    { type: 'trialroom:html', html: 'x' },
  ])('makes nothing of %o', (message) => expect(readFromFrame(message)).toBeNull());
});

describe('frameStyle', () => {
  it('carries the scheme and the colours of the page', () => {
    expect(frameStyle('dark', { '--ink-1': '#fff' })).toContain(':root{color-scheme:dark;--ink-1:#fff}');
  });

  it('lets no value break out of its place', () => {
    expect(frameStyle('light', { '--ink-1': '}</style><script>x' })).toContain('--ink-1:/stylescriptx}');
  });
});
