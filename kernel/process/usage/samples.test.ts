import { describe, expect, it } from 'vitest';
import { gpuFigures, Sampler, type SampleSources, watchGpus } from './samples.ts';

const NET = (
  received: number,
  sent: number,
): string => `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 999999   1    0    0    0     0          0         0 999999   1    0    0    0     0       0          0
  eth0: ${received}     3    0    0    0     0          0         0    ${sent}    2    0    0    0     0       0          0
  wlan0: 10     3    0    0    0     0          0         0    20    2    0    0    0     0       0          0
`;

describe('samples', () => {
  it('are rates of what grew since the last, and amounts of the rest', () => {
    let [received, written, cpu] = [1000, 4096, 1_000_000];
    const sources: SampleSources = {
      read: (path) =>
        path === '/proc/net/dev' ? NET(received, 50) : `rchar: 1\nread_bytes: 10\nwrite_bytes: ${written}\n`,
      cpu: () => cpu,
      rss: () => 123,
      memory: () => ({ free: 400, total: 1000 }),
      load: () => 1.5,
    };
    const sampler = new Sampler(sources);
    const amounts = { 'system/memory': 123, 'system/machine_memory': 600, 'system/load': 1.5 };
    expect(sampler.take(0)).toEqual(amounts);
    [received, written, cpu] = [5000, 8192, 4_000_000];
    expect(sampler.take(2000)).toEqual({
      ...amounts,
      'system/cpu': 150,
      'system/disk_read': 0,
      'system/disk_write': 2048,
      'system/network_in': 2000,
      'system/network_out': 0,
    });
    // An interface that went away and came back counts anew.
    received = 10;
    expect(sampler.take(4000)).not.toHaveProperty('system/network_in');
  });

  it('leave out what the system does not tell', () => {
    const sampler = new Sampler({ ...none, read: () => null });
    sampler.take(0);
    expect(Object.keys(sampler.take(1000)).sort()).toEqual([
      'system/cpu',
      'system/load',
      'system/machine_memory',
      'system/memory',
    ]);
  });

  it('read this machine', () => {
    const sampler = new Sampler();
    expect(sampler.take(0)['system/memory']).toBeGreaterThan(1_000_000);
    for (const value of Object.values(sampler.take(1000))) expect(value).toBeGreaterThanOrEqual(0);
  });

  it('know the lines of nvidia-smi', () => {
    expect(gpuFigures('1, 37, 1024, 71.25, 45')).toEqual({
      'system/gpu/1/utilisation': 37,
      'system/gpu/1/memory': 1024 * 1024 * 1024,
      'system/gpu/1/power': 71.25,
      'system/gpu/1/temperature': 45,
    });
    expect(gpuFigures('0, 5, 10, [N/A], [Not Supported]')).toEqual({
      'system/gpu/0/utilisation': 5,
      'system/gpu/0/memory': 10 * 1024 * 1024,
    });
    expect(gpuFigures('No devices were found')).toEqual({});
  });

  it('start nothing where there is no nvidia-smi', () => {
    const path = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      const gpus = watchGpus(2);
      expect(gpus.figures()).toEqual({});
      gpus.end();
    } finally {
      process.env.PATH = path;
    }
  });
});

const none: SampleSources = {
  read: () => null,
  cpu: () => 0,
  rss: () => 1,
  memory: () => ({ free: 1, total: 2 }),
  load: () => 0,
};
