import { expect, it } from 'vitest';
import { wantedBackend } from './backends.ts';

it.each([
  [{}, undefined],
  [{ trialroom: null }, undefined],
  [{ trialroom: 'wasm' }, undefined],
  [{ trialroom: { reactive: true } }, undefined],
  [{ trialroom: { backend: '' } }, undefined],
  [{ trialroom: { backend: 'wasm' } }, 'wasm'],
  [{ trialroom: { backend: 'tpu' } }, 'tpu'],
  [{ trialroom: { backend: { name: 'wasm' } } }, '{"name":"wasm"}'],
])('%j asks for %s', (metadata, wanted) => {
  expect(wantedBackend(metadata)).toBe(wanted);
});
