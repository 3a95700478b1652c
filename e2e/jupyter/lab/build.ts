/**
 * Bundles JupyterLab's whole application from its npm packages: every extension that its metapackage names, the styles,
 * the light theme, and the schemas of the settings. Runs where the packages are installed (see ../lab.sh).
 *   node build.ts FOLDER
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, join, resolve } from 'node:path';
import { z } from 'zod';

const folder = resolve(process.argv[2] ?? '.');
const packages = join(folder, 'node_modules');
const require = createRequire(join(folder, 'package.json'));

const Description = z.object({
  name: z.string(),
  version: z.string(),
  styleModule: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  jupyterlab: z
    .object({
      extension: z.union([z.boolean(), z.string()]).default(false),
      mimeExtension: z.union([z.boolean(), z.string()]).default(false),
      schemaDir: z.string().optional(),
      themePath: z.string().optional(),
      extraStyles: z.record(z.string(), z.array(z.string())).default({}),
    })
    .optional(),
});
type Description = z.output<typeof Description>;

const describe = (name: string): Description =>
  Description.parse(JSON.parse(readFileSync(join(packages, name, 'package.json'), 'utf8')));

const all = Object.keys(describe('@jupyterlab/metapackage').dependencies)
  .filter((name) => existsSync(join(packages, name)))
  .map(describe);

/** What to import of each package that is an extension of this kind. */
const modules = (kind: 'extension' | 'mimeExtension'): string[] =>
  all.flatMap(({ name, jupyterlab }) => {
    const at = jupyterlab?.[kind];
    return at ? [at === true ? name : `${name}/${at}`] : [];
  });

const styles = all.flatMap(({ name, styleModule, jupyterlab }) => [
  ...(styleModule ? [`${name}/${styleModule}`] : []),
  ...Object.entries(jupyterlab?.extraStyles ?? {}).flatMap(([other, files]) => files.map((file) => `${other}/${file}`)),
]);

// Not offered by the server: what needs a server of its own, and JupyterLab's own news from the network.
const LEFT_OUT = [
  '@jupyterlab/apputils-extension:announcements',
  '@jupyterlab/extensionmanager-extension:plugin',
  '@jupyterlab/pluginmanager-extension:plugin',
  '@jupyterlab/translation-extension:translator',
  // Themes are files of the server's; the page has one in its styles.
  '@jupyterlab/theme-light-extension:plugin',
  '@jupyterlab/theme-dark-extension:plugin',
  '@jupyterlab/theme-dark-high-contrast-extension:plugin',
];

/**
 * The page's program. The server it works with is Trialroom, of another origin, with a token; settings and workspaces
 * belong to the page and are kept by whoever serves it.
 */
const program = `
${styles.map((style) => `import ${JSON.stringify(style)};`).join('\n')}
import '@jupyterlab/theme-light-extension/style/theme.css';
import { IThemeManager } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { PluginRegistry } from '@lumino/coreutils';
import { JupyterLab } from '@jupyterlab/application';
import { ConnectionStatus, IConnectionStatus, IServerSettings, IServiceManager, ISettingManager, IWorkspaceManager, ServerConnection,
  SettingManager, WorkspaceManager } from '@jupyterlab/services';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
${modules('extension')
  .map((name, at) => `import * as extension${at} from ${JSON.stringify(name)};`)
  .join('\n')}
${modules('mimeExtension')
  .map((name, at) => `import * as mime${at} from ${JSON.stringify(name)};`)
  .join('\n')}

// Some packages are CommonJS, whose default is a step further in.
const flat = (modules) => modules.flatMap(({ default: plugins }) => plugins.default ?? plugins);
const page = ServerConnection.makeSettings();
const told = (name) => PageConfig.getOption(name);
const server = ServerConnection.makeSettings({
  baseUrl: told('serverUrl'), wsUrl: told('serverUrl').replace(/^http/, 'ws'), token: told('serverToken'), appendToken: true,
});
const own = [
  { id: '@jupyterlab/services-extension:server-settings', autoStart: true, provides: IServerSettings,
    activate: () => server },
  { id: '@jupyterlab/services-extension:setting-manager', autoStart: true, provides: ISettingManager,
    activate: () => new SettingManager({ serverSettings: page }) },
  { id: '@jupyterlab/services-extension:workspace-manager', autoStart: true, provides: IWorkspaceManager,
    activate: () => new WorkspaceManager({ serverSettings: page }) },
  { id: 'page:translator', autoStart: true, provides: ITranslator, activate: () => nullTranslator },
  { id: 'page:theme', autoStart: true, requires: [IThemeManager],
    activate: (_, themes) => themes.register({ name: 'JupyterLab Light', displayName: 'Light', isLight: true,
      load: async () => {}, unload: async () => {} }) },
];
const replaced = new Set([...own.map(({ id }) => id), ...${JSON.stringify(LEFT_OUT)}]);
const pluginRegistry = new PluginRegistry();
pluginRegistry.registerPlugins([
  ...flat([${modules('extension')
    .map((_, at) => `extension${at}`)
    .join(', ')}]).filter(({ id }) => !replaced.has(id)),
  ...own,
]);
const lab = new JupyterLab({
  pluginRegistry,
  serviceManager: await pluginRegistry.resolveRequiredService(IServiceManager),
  connectionStatus: await pluginRegistry.resolveOptionalService(IConnectionStatus),
  mimeExtensions: flat([${modules('mimeExtension')
    .map((_, at) => `mime${at}`)
    .join(', ')}]),
});
window.jupyterapp = lab;
await lab.start({ bubblingKeydown: true });
await lab.restored;
document.body.dataset.restored = 'yes';
`;

/** A schema of settings, as JupyterLab's server gives it. */
const settings = all.flatMap(({ name, version, jupyterlab }) => {
  if (!jupyterlab?.schemaDir) return [];
  const there = join(packages, name, jupyterlab.schemaDir);
  return readdirSync(there, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json') && basename(file) !== 'package.json.orig')
    .map((file) => ({
      id: `${name}:${basename(file, '.json')}`,
      schema: JSON.parse(readFileSync(join(there, file), 'utf8')),
      version,
    }));
});

const out = join(folder, 'page');
await mkdir(out, { recursive: true });
await writeFile(join(folder, 'program.js'), program);
await writeFile(join(out, 'settings.json'), JSON.stringify(settings));
await writeFile(
  join(out, 'versions.json'),
  JSON.stringify(Object.fromEntries(all.map(({ name, version }) => [name, version]))),
);

/** As much of esbuild's plugins as is used here; esbuild is installed beside the packages, not beside this file. */
interface Found {
  path: string;
  resolveDir: string;
  kind: string;
  suffix: string;
}
interface Setup {
  onResolve(what: { filter: RegExp }, then: (found: Found) => object | undefined): void;
  onLoad(what: { filter: RegExp }, then: (found: Found) => object | undefined): void;
}

/** A drawing is a text to a program and a picture to a style; and one style is a text, too. */
const asJupyterLabDoes = {
  name: 'files as JupyterLab takes them',
  setup(build: Setup) {
    build.onResolve({ filter: /^path$/ }, () => ({ path: require.resolve('path-browserify') }));
    // As webpack writes what lies in a package.
    build.onResolve({ filter: /^~/ }, ({ path }) => ({ path: join(packages, path.slice(1)) }));
    build.onResolve({ filter: /\.svg$/ }, ({ path, resolveDir, kind }) =>
      kind === 'url-token' && path.startsWith('.') ? { path: join(resolveDir, path), suffix: '?picture' } : undefined,
    );
    build.onLoad({ filter: /\.svg$/ }, ({ path, suffix }) => ({
      contents: readFileSync(path, 'utf8'),
      loader: suffix === '?picture' ? 'dataurl' : 'text',
    }));
    build.onLoad({ filter: /\.raw\.css$/ }, ({ path }) => ({ contents: readFileSync(path, 'utf8'), loader: 'text' }));
  },
};

const files = ['.woff', '.woff2', '.ttf', '.eot', '.png', '.gif'].map((ending) => [ending, 'file']);
const { build } = require('esbuild');
const common = {
  ...{ bundle: true, absWorkingDir: folder, nodePaths: [packages], logLevel: 'error', minify: true },
  loader: { ...Object.fromEntries(files), '.md': 'text', '.html': 'text' },
  define: { 'process.env.NODE_ENV': '"production"', 'process.env': '{}', global: 'globalThis', __dirname: '""' },
  plugins: [asJupyterLabDoes],
};
await build({
  ...common,
  ...{
    entryPoints: { lab: join(folder, 'program.js') },
    outdir: out,
    format: 'esm',
    target: 'es2022',
    splitting: true,
  },
});
console.log(
  `JupyterLab ${describe('@jupyterlab/application').version}: ${all.length} packages, ${settings.length} schemas`,
);
