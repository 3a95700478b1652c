import { isAbsolute } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { Refusal } from './http/refusal.ts';

describe('readConfig', () => {
  it('has defaults that need no service', () => {
    const config = readConfig({}, {});
    expect(config).toMatchObject({ port: 8700, host: '127.0.0.1', log: 'file' });
    expect(config.databaseUrl).toBeUndefined();
    expect(isAbsolute(config.dataDir)).toBe(true);
  });
  it('lets flags win over the environment', () => {
    expect(readConfig({ port: 1 }, { PORT: '2' }).port).toBe(1);
    expect(readConfig({}, { PORT: '2' }).port).toBe(2);
  });
  it.each([
    [{ PORT: 'eighty' }, 'PORT'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL'],
    [{ REDIS_URL: 'nowhere' }, 'REDIS_URL'],
    [{ TRIALROOM_TOKEN: 'short' }, 'TRIALROOM_TOKEN'],
  ])('names the setting that is wrong: %o', (env, name) => {
    try {
      readConfig({}, env);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Refusal);
      expect((error as Refusal).problem.where).toContain(name);
      expect(JSON.stringify((error as Refusal).problem)).not.toContain('short"');
    }
  });
});
