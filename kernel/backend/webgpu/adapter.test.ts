import { expect, it } from 'vitest';
import { isSoftware, nameOf } from './adapter.ts';

const card = (device: string, more: { vendor?: string; description?: string; isFallbackAdapter?: boolean } = {}) => ({
  vendor: 'nvidia',
  architecture: 'hopper',
  description: '',
  isFallbackAdapter: false,
  device,
  ...more,
});

it.each([
  ['nvidia-geforce-rtx-4090', 'NVIDIA GeForce RTX 4090'],
  ['apple-m2', 'Apple M2'],
  ['NVIDIA H200', 'NVIDIA H200'],
  ['', 'NVIDIA Hopper'],
])('a card that says %j is %s', (device, name) => {
  expect(nameOf(card(device))).toBe(name);
});

it.each([
  card('swiftshader-device-subzero-', { vendor: 'google', isFallbackAdapter: true }),
  card('some-card', { isFallbackAdapter: true }),
  card('llvmpipe-llvm-15-0-6-256-bits-', { vendor: 'mesa' }),
  card('microsoft-basic-render-driver', { vendor: 'microsoft' }),
  card('', { description: 'Mesa lavapipe 24.1' }),
])('$device ($vendor) is software', (info) => {
  expect(isSoftware(info)).toBe(true);
});

it('a real card is not', () => {
  expect(isSoftware(card('nvidia-h200', { description: 'NVIDIA: 570.86.15' }))).toBe(false);
});
