import { describe, expect, it } from 'vitest';
import { createScrollSpeed } from './scroll-speed.ts';

describe('the speed of the sheet', () => {
  it('is a rush while it moves fast, until it rests', () => {
    const speed = createScrollSpeed();
    speed.moved(0, 1000);
    speed.moved(400, 1016);
    expect(speed.rushes(1020)).toBe(true);
    expect(speed.rushes(1095)).toBe(true);
    expect(speed.rushes(1096)).toBe(false);
  });

  it('is none while someone reads along, nor after a jump', () => {
    const speed = createScrollSpeed();
    speed.moved(0, 1000);
    speed.moved(20, 1016);
    expect(speed.rushes(1016)).toBe(false);
    speed.moved(90_000, 5000);
    expect(speed.rushes(5000)).toBe(false);
  });
});
