/** For tests: the client library that JupyterLab itself is built on, as an editor uses it against a whole server. */
import {
  type Kernel,
  KernelManager,
  type KernelMessage,
  type ServerConnection,
  SessionManager,
} from '@jupyterlab/services';
import { afterAll, afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { startTestServer, type TestServer } from './testing.ts';

/** One message of the iopub channel. */
export type Said = [type: string, content: KernelMessage.IIOPubMessage['content']];

/** A server, and JupyterLab's own client of it. */
export interface Lab {
  readonly server: TestServer;
  readonly serverSettings: ServerConnection.ISettings;
  readonly kernels: KernelManager;
  readonly sessions: SessionManager;
  /** Writes a notebook of these code cells (id → source) and opens it with a kernel. */
  start(path: string, cells: Record<string, string>): Promise<Kernel.IKernelConnection>;
  /** Runs code to its end: all that was said of it, and the content of the reply. */
  run(
    kernel: Kernel.IKernelConnection,
    code: string,
    options?: { cellId?: string; stop_on_error?: boolean },
  ): Promise<{ said: Said[]; content: KernelMessage.IExecuteReplyMsg['content'] | undefined }>;
}

/** A server for the tests of one `describe`, and managers of their own for each. Called once, in the `describe`. */
export function useLab(): Lab {
  let server: TestServer;
  let serverSettings: ServerConnection.ISettings;
  let kernels: KernelManager;
  let sessions: SessionManager;
  beforeAll(async () => {
    // It tells the console of each connection.
    for (const method of ['debug', 'warn', 'info'] as const) vi.spyOn(console, method).mockImplementation(() => {});
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
    vi.restoreAllMocks();
  });
  beforeEach(async () => {
    serverSettings = await server.settings('editor');
    kernels = new KernelManager({ serverSettings });
    sessions = new SessionManager({ kernelManager: kernels, serverSettings });
    await sessions.ready;
  });
  afterEach(() => {
    sessions.dispose();
    kernels.dispose();
  });
  return {
    get server() {
      return server;
    },
    get serverSettings() {
      return serverSettings;
    },
    get kernels() {
      return kernels;
    },
    get sessions() {
      return sessions;
    },
    start: async (path, cells) => {
      await server.notebook(path, cells);
      const session = await sessions.startNew({ path, name: path, type: 'notebook', kernel: { name: 'trialroom' } });
      if (!session.kernel) throw new Error('a session has no kernel');
      await session.kernel.info;
      return session.kernel;
    },
    run: async (kernel, code, { cellId, ...options } = {}) => {
      const said: Said[] = [];
      const future = kernel.requestExecute({ code, ...options }, false, cellId === undefined ? {} : { cellId });
      future.onIOPub = ({ header, content }) => {
        said.push([header.msg_type, content]);
      };
      const reply = await future.done;
      return { said, content: reply?.content };
    },
  };
}
