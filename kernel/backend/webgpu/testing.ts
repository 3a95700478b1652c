/**
 * A graphics card for tests: SwiftShader, which imitates one on the processor and comes with the browser that the
 * end-to-end tests use. It is unpacked into a folder of its own and reached through the system's usual variables.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';

/** A Vulkan driver that was unpacked. */
export interface SoftwareCard {
  /** Variables of a process that shall see it. */
  env: NodeJS.ProcessEnv;
  remove(): void;
}

/** Unpacks the driver; undefined where it is not installed or not made for this machine. */
export function unpackSoftwareCard(): SoftwareCard | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  let archive: string;
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    archive = join(entry.slice(0, entry.lastIndexOf('chromium') + 'chromium'.length), 'bin', 'swiftshader.tar.br');
    createRequire(import.meta.url).resolve('webgpu');
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-webgpu');
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'trialroom-card-'));
  for (const [name, bytes] of untar(brotliDecompressSync(readFileSync(archive)))) {
    writeFileSync(join(folder, basename(name)), bytes);
  }
  const { TRIALROOM_BACKEND: _, ...env } = process.env;
  return {
    env: { ...env, LD_LIBRARY_PATH: folder, VK_ICD_FILENAMES: join(folder, 'vk_swiftshader_icd.json') },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** The plain files of a tar archive (POSIX.1-1988 ustar: headers and contents in blocks of 512 bytes). */
function* untar(archive: Buffer): Generator<[name: string, bytes: Buffer]> {
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const text = (from: number, length: number): string =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/, '');
    const size = Number.parseInt(text(124, 12), 8) || 0;
    if (text(156, 1) === '0' || text(156, 1) === '') yield [text(0, 100), archive.subarray(at + 512, at + 512 + size)];
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
