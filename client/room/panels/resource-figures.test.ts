import { expect, test } from 'vitest';
import { bySubject, resourceName, written } from './resource-figures.ts';

test('samples are written in their units', () => {
  const text = (key: string, value: number): string => {
    const { value: number, unit } = written(key, value);
    return `${number} ${unit}`.trim();
  };
  expect(text('system/cpu', 163.4)).toBe('163 %');
  expect(text('system/load', 6.92)).toBe('6.92');
  expect(text('system/memory', 1.5 * 1024 ** 3)).toBe('1.5 GB');
  expect(text('system/disk_read', 0)).toBe('0 bytes/s');
  expect(text('system/network_in', 2048)).toBe('2 KB/s');
  expect(text('system/gpu/0/utilisation', 97)).toBe('97 %');
  expect(text('system/gpu/0/power', 412)).toBe('412 W');
  expect(text('system/gpu/0/temperature', 61)).toBe('61 °C');
  expect(text('system/memory', 1024 ** 6)).toMatch(/TB$/);
});

test('they are named and ordered as people look for them', () => {
  const keys = ['system/network_in', 'system/load', 'system/cpu', 'system/gpu/10/power', 'system/gpu/2/power'];
  expect(keys.sort(bySubject).map(resourceName)).toEqual([
    'GPU 2 power',
    'GPU 10 power',
    'Processor',
    'Load',
    'Network in',
  ]);
});
