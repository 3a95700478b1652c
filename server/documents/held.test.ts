import { expect, test } from 'vitest';
import { Held } from './held.ts';

interface World {
  held: Held<string>;
  /** What has happened, in order. */
  log: string[];
  /** Resolves when the line is in the log, now or later. */
  until(line: string): Promise<void>;
  /** What settling says next, each time once; `true` when there is nothing. */
  answers: (boolean | Error)[];
}

function world(load: (id: string) => Promise<string> = async (id) => `<${id}>`): World {
  const log: string[] = [];
  const answers: World['answers'] = [];
  const waiting = new Map<string, () => void>();
  const say = (line: string): void => {
    log.push(line);
    waiting.get(line)?.();
  };
  const held = new Held<string>({
    load: (id) => {
      say(`load ${id}`);
      return load(id);
    },
    settle: async (id) => {
      const answer = answers.shift() ?? true;
      say(`settle ${id}`);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    unload: async (id) => say(`unload ${id}`),
    linger: 0,
    onError: (error) => say(String(error)),
  });
  const until = (line: string): Promise<void> =>
    log.includes(line) ? Promise.resolve() : new Promise((resolve) => waiting.set(line, resolve));
  return { held, log, until, answers };
}

test('is loaded once for all who come at the same time, and let go after the last', async () => {
  const { held, log, until } = world();
  const [one, two] = await Promise.all([held.enter('a'), held.enter('a')]);
  expect([one.loaded, two.loaded, held.peek('a')]).toEqual(['<a>', '<a>', '<a>']);
  one.release();
  one.release();
  expect(held.all()).toEqual(['<a>']);
  two.release();
  await until('unload a');
  expect(log).toEqual(['load a', 'settle a', 'unload a']);
  expect(held.peek('a')).toBeUndefined();
});

test('stays while it cannot be settled, by word or by error', async () => {
  const { held, log, until, answers } = world();
  answers.push(false, new Error('disk full'));
  (await held.enter('a')).release();
  await until('unload a');
  expect(log).toEqual(['load a', 'settle a', 'settle a', 'Error: disk full', 'settle a', 'unload a']);
});

test('stays for whoever comes back while it is settled', async () => {
  const { held, log, until } = world();
  (await held.enter('a')).release();
  await until('settle a');
  const back = await held.enter('a');
  expect(log).toEqual(['load a', 'settle a']);
  back.release();
  await until('unload a');
});

test('what could not be loaded is tried anew', async () => {
  let tries = 0;
  const { held } = world(async (id) => {
    if (tries++ === 0) throw new Error('no');
    return id;
  });
  await expect(held.enter('a')).rejects.toThrow('no');
  expect((await held.enter('a')).loaded).toBe('a');
});

test('dropped or taken, it is the caller’s; a late release changes nothing', async () => {
  const { held, log } = world();
  const { release } = await held.enter('a');
  expect(held.drop('a')).toBe('<a>');
  release();
  const entering = held.enter('b');
  expect(await held.take('b')).toBe('<b>');
  (await entering).release();
  await held.close();
  expect(log.filter((line) => line.startsWith('unload'))).toEqual([]);
});

test('closing waits for what is being loaded, unloads all and lets nobody in', async () => {
  const loading = Promise.withResolvers<string>();
  const { held, log } = world((id) => (id === 'slow' ? loading.promise : Promise.resolve(id)));
  await held.enter('a');
  void held.enter('slow');
  const closed = held.close();
  loading.resolve('slow');
  await closed;
  expect(log).toEqual(['load a', 'load slow', 'unload a', 'unload slow']);
  await expect(held.enter('a')).rejects.toMatchObject({ status: 503 });
});
