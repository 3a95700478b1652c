import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type KernelHarness, startKernel } from '../process/harness.ts';
import { bundleKernel } from './bundle.ts';
import { kernelFiles, markOf, sourceFiles } from './files.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'trialroom-bundles-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('which files a kernel is loaded from', () => {
  const FILES = { main: 'main-1.js', supervisor: 'supervisor-1.js', library: 'library-1.js' };
  const bundles = (): URL => pathToFileURL(folder + sep);
  const write = async (manifest: string): Promise<void> => writeFile(join(folder, 'manifest.json'), manifest);
  const found = (): string => kernelFiles(bundles(), folder).main;

  beforeEach(async () => {
    await writeFile(join(folder, 'a.ts'), 'first');
    await utimes(join(folder, 'a.ts'), 1000, 1000);
    for (const name of Object.values(FILES)) await writeFile(join(folder, name), '');
    await write(JSON.stringify({ files: FILES, sources: [['a.ts', markOf(join(folder, 'a.ts'))]] }));
  });

  it('is the bundles while they belong to the sources', async () => {
    expect(kernelFiles(bundles(), folder)).toEqual({
      main: new URL('main-1.js', bundles()).href,
      supervisor: new URL('supervisor-1.js', bundles()).href,
      library: new URL('library-1.js', bundles()).href,
    });
    // As an image of a container keeps it.
    await utimes(join(folder, 'a.ts'), 1000.5, 1000.5);
    expect(found()).toBe(new URL('main-1.js', bundles()).href);
  });

  it('is the sources once one of them was written again, has another length, or is gone', async () => {
    await utimes(join(folder, 'a.ts'), 1000, 1001);
    expect(found()).toBe(sourceFiles().main);
    await writeFile(join(folder, 'a.ts'), 'second');
    await utimes(join(folder, 'a.ts'), 1000, 1000);
    expect(found()).toBe(sourceFiles().main);
    await rm(join(folder, 'a.ts'));
    expect(found()).toBe(sourceFiles().main);
  });

  it.each(['', '{"files":', '{}', '[]', 'null', '{"files":{},"sources":[["a.ts","5 1000"]]}'])(
    'is the sources where the list of bundles is %j',
    async (text) => {
      await write(text);
      expect(found()).toBe(sourceFiles().main);
    },
  );

  it('is the sources where nothing was bundled', async () => {
    await rm(join(folder, 'manifest.json'));
    expect(found()).toBe(sourceFiles().main);
  });
});

describe('bundling', () => {
  it('is done once for the same sources, and again when told to', async () => {
    const into = pathToFileURL(folder + sep);
    expect(await bundleKernel({ folder: into })).toBe('bundled');
    const files = kernelFiles(into);
    expect(files.main).toContain(into.href);
    expect(await bundleKernel({ folder: into })).toBe('fresh');
    expect(await bundleKernel({ folder: into, anew: true })).toBe('bundled');
    expect(kernelFiles(into)).toEqual(files);
  });
});

describe.each(['bundles', 'sources'])('a kernel loaded from its %s', (from) => {
  let kernel: KernelHarness;
  beforeAll(async () => {
    await bundleKernel();
    kernel = await startKernel({ env: { ...process.env, TRIALROOM_KERNEL_SOURCES: from === 'sources' ? '1' : '' } });
  });
  afterAll(() => kernel?.close());

  const result = async (source: string): Promise<string | undefined> => {
    const ran = await kernel.run(source);
    expect(ran.error).toBeUndefined();
    return ran.result;
  };

  it('is really loaded from there', async () => {
    await result(`
      const files: string[] = [];
      const { prepareStackTrace } = Error;
      Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFileName());
      display({ toHtml() { files.push(...[new Error().stack].flat().map(String)); return ''; } });
      Error.prepareStackTrace = prepareStackTrace;`);
    const called = await result('files.filter((file) => file.includes("kernel")).join(" ")');
    expect(called).toContain(from === 'bundles' ? '.bundles' : 'display.ts');
    expect(called).not.toContain(from === 'bundles' ? 'display.ts' : '.bundles');
  });

  it('has one library, however it is asked for', async () => {
    await writeFile(join(kernel.folder, 'mine.ts'), 'export { display } from "trialroom";');
    expect(
      await result(`
        import * as library from 'trialroom';
        import { display as mine } from './mine.ts';
        [library.display === display, mine === display]`),
    ).toBe('[ true, true ]');
  });

  it('finds what lies beside its modules: packages, data, threads', async () => {
    expect(
      await result(`
        import { data } from 'trialroom';
        const { train } = (await data.iris()).split({ train: 0.5, test: 0.5 }, { seed: 1 });
        const encoded = train.encoder({ target: 'species' }).dataset(train);
        const source = encoded.batches({ batchSize: 25, thread: 'worker' });
        const seen = [];
        for await (const batch of source.epoch({ epoch: 0, seed: 0 })) seen.push(batch.size);
        seen`),
    ).toBe('[ 25, 25, 25 ]');
  });
});
