/** Starts one of Jupyter's own servers, as Python has it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** How long a server may take to end, in ms. */
const PATIENCE_MS = 5000;

export interface JupyterServer {
  url: string;
  token: string;
  stop(): Promise<void>;
}

export interface JupyterServerOptions {
  /** With Jupyter's packages and our kernelspec in its environment. */
  python: string;
  module: 'notebook' | 'jupyter_server' | 'jupyterlab';
  /** The class that its options belong to. */
  app?: 'NotebookApp' | 'ServerApp';
  folder: string;
  args?: readonly string[];
}

/** Starts a server in the folder; resolves once it has said where it is. */
export async function startJupyter(options: JupyterServerOptions): Promise<JupyterServer> {
  const { python, module, app = 'ServerApp', folder, args = [] } = options;
  const token = randomUUID();
  // Asked for any port, it does not say which one it got.
  const port = await freePort();
  const child: ChildProcess = spawn(
    python,
    [
      ...['-m', module, '--allow-root', '--no-browser', '--ip=127.0.0.1', `--port=${port}`],
      ...[`--${app}.token=${token}`, `--notebook-dir=${folder}`, ...args],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (chunk) => {
      said += String(chunk);
      if (said.includes(`http://127.0.0.1:${port}/`)) resolve();
    });
    child.once('exit', () => reject(new Error(`${module} did not start:\n${said}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      // Some versions wait for connections that clients keep for later.
      const overdue = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
      await ended;
      clearTimeout(overdue);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
