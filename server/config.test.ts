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
  it('reads what kernels may do', () => {
    const env = { TRIALROOM_WARM_KERNELS: '2', TRIALROOM_CELL_TIMEOUT: '90', TRIALROOM_IDLE_MINUTES: '0' };
    expect(readConfig({}, env)).toMatchObject({ warmKernels: 2, cellTimeoutS: 90, idleMinutes: 0 });
    expect(readConfig({}, {})).toMatchObject({ warmKernels: 0, idleMinutes: 1440 });
    expect(readConfig({}, {}).cellTimeoutS).toBeUndefined();
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
    [{ TRIALROOM_WARM_KERNELS: 'many' }, 'TRIALROOM_WARM_KERNELS'],
    [{ TRIALROOM_CELL_TIMEOUT: '0' }, 'TRIALROOM_CELL_TIMEOUT'],
    [{ TRIALROOM_IDLE_MINUTES: '-1' }, 'TRIALROOM_IDLE_MINUTES'],
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
