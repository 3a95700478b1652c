// Runs after `npm install`: removes what packages bring for other systems and other ways of loading them, more than half
// of all that is installed. Nothing that this system could load is touched, a second run finds nothing to do, and it never
// fails an install. `TRIALROOM_KEEP_PACKAGES=1` keeps everything, for a folder that several systems share.
// Plain JavaScript on purpose: it runs on whatever Node installs.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const packages = join(root, 'node_modules');

const entries = (folder) => {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // An optional package that is not here.
  }
};
const remove = (path) => rmSync(path, { recursive: true, force: true });

/** Removes all folders beside the one for this system, if there is one for it. */
function keepOwn(folder, own) {
  const found = entries(folder).filter((entry) => entry.isDirectory());
  if (!found.some(({ name }) => name === own)) return;
  for (const { name } of found) if (name !== own) remove(join(folder, name));
}

/** Native libraries, of which these packages carry one for each system. */
function libraries() {
  const { platform, arch } = process;
  const onnx = join(packages, 'onnxruntime-node', 'bin', 'napi-v3');
  keepOwn(onnx, platform);
  keepOwn(join(onnx, platform), arch);
  keepOwn(join(packages, 'webgpu', 'dist'), platform === 'darwin' ? 'darwin-universal' : `${platform}-${arch}`);
  const zeromq = join(packages, 'zeromq', 'build');
  keepOwn(zeromq, platform);
  keepOwn(join(zeromq, platform), arch);
}

/** Node's headers, for building native modules against it; whoever does that fetches them. */
function headers() {
  for (const { name } of entries(packages)) {
    if (/^node-(linux|win|darwin)-/.test(name)) remove(join(packages, name, 'include'));
  }
}

/**
 * TensorFlow.js comes in eight forms, with source maps for each. Kept are the one that Node loads, the single modules that
 * bundlers load, and the types.
 */
function forms() {
  const scope = join(packages, '@tensorflow');
  for (const { name } of entries(scope)) {
    const manifest = read(join(scope, name, 'package.json'));
    const used = ['main', 'module', 'types'].map((key) => join(String(manifest[key] ?? '')));
    clean(join(scope, name, 'dist'), (path) => {
      if (used.includes(join('dist', path))) return false;
      if (/\.map$|_test\.(js|d\.ts)$/.test(path)) return true;
      // A bundle stands at the top and is named after the package.
      return !path.includes(sep) && /^(tf|tf-[a-z-]+)\.(?!node\.)([a-z0-9.]+\.)?js$/.test(path);
    });
  }
}

/** Removes the files below `folder` for which `isNeedless` holds, by path within it, and the form for mini programs. */
function clean(folder, isNeedless, within = '') {
  for (const entry of entries(join(folder, within))) {
    const path = join(within, entry.name);
    if (entry.isDirectory()) {
      if (path === 'miniprogram') remove(join(folder, path));
      else clean(folder, isNeedless, path);
    } else if (isNeedless(path)) remove(join(folder, path));
  }
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

if (process.env.TRIALROOM_KEEP_PACKAGES !== '1' && read(join(root, 'package.json')).name === 'trialroom-workspace') {
  for (const step of [libraries, headers, forms]) {
    try {
      step();
    } catch (error) {
      console.warn(`trialroom: ${step.name} were not thinned out (${error instanceof Error ? error.message : error})`);
    }
  }
}
