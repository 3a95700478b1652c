/**
 * The line to TypeScript's own language server, `tsc --lsp --stdio`, a child process. It keeps what documents are open
 * and what they say, so that a child that died is replaced by one that knows the same; it understands no answer itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import type { MessageConnection } from 'vscode-jsonrpc/node';

/** The child is gone, or did not answer in time: asking again may help, since a new one is started. */
export class LanguageServerGone extends Error {}

/** A document that is shown to the language server; nothing of it is on disk. */
export interface Shown {
  readonly uri: string;
  readonly language: string;
  readonly text: string;
  /** What it says for the moment when all documents are opened, where that is not nothing. */
  readonly first?: string;
}

/** A running language server, asked by promises. */
export interface LanguageServer {
  /**
   * Opens documents or changes their texts; nothing is sent for those that say that already. The language server builds
   * the whole program for each document that is opened, but not for one that changes: all are opened empty, then filled.
   */
  set(documents: readonly Shown[]): void;
  close(uri: string): void;
  /** Tells that files on disk were made (1), changed (2) or deleted (3). */
  touched(changes: { uri: string; type: 1 | 2 | 3 }[]): void;
  /**
   * Asks, about the documents as they are now.
   * @throws LanguageServerGone
   */
  request<Reply>(method: string, params: object): Promise<Reply>;
  /** Replaces the child, which then looks at the disk anew. */
  restart(): void;
  /** Of the child, while there is one. */
  pid(): number | undefined;
  /** Resolves when the child is gone. Nothing is started afterwards. */
  end(): Promise<void>;
}

/** How long the language server is waited for. */
export interface LanguageServerOptions {
  /** Longest time for an answer, in ms; a child that takes longer is replaced. */
  patienceMs?: number;
}

const CAPABILITIES = {
  general: { positionEncodings: ['utf-16'] },
  textDocument: {
    completion: { completionItem: { documentationFormat: ['markdown'], labelDetailsSupport: true } },
    hover: { contentFormat: ['markdown'] },
    signatureHelp: {
      signatureInformation: {
        documentationFormat: ['markdown'],
        parameterInformation: { labelOffsetSupport: true },
        activeParameterSupport: true,
      },
    },
    diagnostic: {},
  },
};

const PREFERENCES = {
  // A rename ends where a name is imported or exported, and leaves `{ name }` with its property.
  providePrefixAndSuffixTextForRename: true,
  // What is not imported is not offered: looking for it means reading all of node_modules.
  includeCompletionsForModuleExports: false,
  disableAutomaticTypeAcquisition: true,
};

/** The child collects its garbage late, which makes its first answer a quarter faster, until it holds so much memory. */
const MEMORY = { GOGC: '400', GOMEMLIMIT: '256MiB' };

/** So many children may die within a minute; then nothing is started until the minute is over. */
const DEATHS = 5;
const MINUTE = 60_000;

/** Starts the language server. Questions and texts may be given at once. */
export function startLanguageServer({ patienceMs = 15_000 }: LanguageServerOptions = {}): LanguageServer {
  const open = new Map<string, Shown & { version: number }>();
  let deaths: number[] = [];
  let ended = false;
  let current: Promise<Line> | undefined;
  /** The same, once it knows all documents. */
  let ready: Line | undefined;
  let child: ChildProcess | undefined;
  const gone = new Set<Promise<void>>();

  /** A child that is ready and knows all documents. Whoever awaits it twice gets its answers in the order of asking. */
  const line = (): Promise<Line> => {
    if (ended) return Promise.reject(new LanguageServerGone('the language server has ended'));
    if (current) return current;
    const now = Date.now();
    deaths = deaths.filter((at) => now - at < MINUTE);
    if (deaths.length >= DEATHS) {
      return Promise.reject(new LanguageServerGone('the language server keeps dying; it is tried again in a minute'));
    }
    const starting = start();
    current = starting;
    starting.catch(() => {
      if (current === starting) current = undefined;
    });
    return starting;
  };

  const start = async (): Promise<Line> => {
    const program = await findProgram();
    if (ended) throw new LanguageServerGone('the language server has ended');
    // Not in a notebook's folder, which may be deleted while this runs.
    const started = spawn(program, ['--lsp', '--stdio'], {
      cwd: tmpdir(),
      env: { ...process.env, ...MEMORY },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child = started;
    let dead = false;
    let connection: MessageConnection | undefined;
    const over = new Promise<void>((resolve) => {
      const once = (): void => {
        dead = true;
        if (child === started) {
          child = undefined;
          ready = undefined;
          current = undefined;
        }
        connection?.dispose();
        resolve();
      };
      started.once('error', once);
      started.once('exit', (code) => {
        if (code !== null || !started.killed) deaths.push(Date.now());
        once();
      });
    });
    gone.add(over);
    void over.then(() => gone.delete(over));
    started.stdin.on('error', () => {});
    // Loaded while the child starts.
    const { createMessageConnection, StreamMessageReader, StreamMessageWriter } = await import('vscode-jsonrpc/node');
    if (dead) throw new LanguageServerGone('the language server died as it started');
    const talk = createMessageConnection(
      new StreamMessageReader(started.stdout),
      new StreamMessageWriter(started.stdin),
    );
    connection = talk;
    talk.onError(() => {});
    talk.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) => items.map(() => null));
    talk.onRequest('client/registerCapability', () => null);
    talk.listen();
    const answered = <Reply>(asked: Promise<Reply>): Promise<Reply> => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => {
          started.kill('SIGKILL');
          reject(new LanguageServerGone('the language server took too long'));
        }, patienceMs);
      });
      const told = asked.catch((error: unknown) => {
        throw dead ? new LanguageServerGone('the language server died', { cause: error }) : error;
      });
      return Promise.race([told, late]).finally(() => clearTimeout(timer));
    };
    const notify = (method: string, params: object): void => {
      talk.sendNotification(method, params).catch(() => {});
    };
    await answered(
      talk.sendRequest('initialize', {
        processId: process.pid,
        rootUri: null,
        capabilities: CAPABILITIES,
        initializationOptions: { disablePushDiagnostics: true, userPreferences: PREFERENCES },
      }),
    );
    notify('initialized', {});
    for (const document of open.values()) opened(notify, document);
    for (const document of open.values()) filled(notify, document);
    const line: Line = { notify, request: (method, params) => answered(talk.sendRequest(method, params)) };
    if (child === started) ready = line;
    return line;
  };

  const server: LanguageServer = {
    set(documents) {
      const changed = documents.flatMap((document) => {
        const known = open.get(document.uri);
        if (known?.text === document.text) return [];
        const version = (known?.version ?? 0) + 2;
        const next = { ...document, version };
        open.set(document.uri, next);
        // A child that is not ready yet is told everything when it is.
        if (!known && ready) opened(ready.notify, next);
        return [next];
      });
      if (ready) for (const document of changed) filled(ready.notify, document);
    },
    close(uri) {
      if (open.delete(uri)) ready?.notify('textDocument/didClose', { textDocument: { uri } });
    },
    touched(changes) {
      if (changes.length > 0) ready?.notify('workspace/didChangeWatchedFiles', { changes });
    },
    async request(method, params) {
      return (await line()).request(method, params);
    },
    restart() {
      current = undefined;
      ready = undefined;
      child?.kill('SIGKILL');
      child = undefined;
      line().catch(() => {});
    },
    pid: () => child?.pid,
    async end() {
      ended = true;
      child?.kill('SIGKILL');
      await Promise.all(gone);
    },
  };
  line().catch(() => {});
  return server;
}

interface Line {
  notify(method: string, params: object): void;
  request<Reply>(method: string, params: object): Promise<Reply>;
}

function opened(notify: Line['notify'], { uri, language, version, first = '' }: Shown & { version: number }): void {
  notify('textDocument/didOpen', { textDocument: { uri, languageId: language, version: version - 1, text: first } });
}

function filled(notify: Line['notify'], { uri, version, text }: Shown & { version: number }): void {
  notify('textDocument/didChange', { textDocument: { uri, version }, contentChanges: [{ text }] });
}

/** Path of the native compiler of this machine, as TypeScript itself finds it. */
async function findProgram(): Promise<string> {
  const finder = new URL('./lib/getExePath.js', import.meta.resolve('typescript/package.json'));
  const module: { default: () => string } = await import(finder.href);
  return module.default();
}
