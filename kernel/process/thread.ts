/**
 * The main thread of a kernel: puts evaluator, output, host and imports together and obeys the supervisor. After this
 * has run, the thread belongs to the user's code; everything here must bear being stopped at any line.
 */
import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import process from 'node:process';
import { setImmediate } from 'node:timers';
import type { MessagePort, Worker } from 'node:worker_threads';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import { describeFailure, failureText } from '../cell/failure.ts';
import { installStackTraces } from '../cell/trace.ts';
import { allocateShared, EXIT_NAME, FLUSH_NAME, STRIKE_NAME, type ToMain, type ToSupervisor } from './channel.ts';
import { guardDescriptors } from './descriptors.ts';
import { Evaluator } from './evaluator.ts';
import { guardExits, guardLastListeners } from './exits.ts';
import { installGlimpse } from './glimpse.ts';
import { installGlobals } from './globals.ts';
import { installHost } from './host.ts';
import { Imports, registerImportHook } from './imports.ts';
import { fasten, listener, recoverIntrinsics, rememberIntrinsics, unharmed } from './intrinsics.ts';
import { MainHost } from './kernel-host.ts';
import { Output } from './output.ts';
import { cellOf, type RunnableCell } from './rows.ts';
import { installRuntime } from './runtime.ts';
import { Strays } from './strays.ts';
import { noteSyncChildren } from './sync-child.ts';
import { Terminator } from './terminate.ts';
import { ThreadShare } from './threads.ts';

/** Makes the calling thread the one that runs cells. */
export function startThread(
  supervisor: Worker | MessagePort,
  shared: Int32Array<SharedArrayBuffer>,
  replies: MessagePort,
): void {
  const post = (message: ToSupervisor, transfer?: ArrayBuffer[]): void =>
    transfer ? supervisor.postMessage(message, transfer) : supervisor.postMessage(message);
  const output = new Output(post, shared, OUTPUT_WINDOW);
  const strays = new Strays(post, new Terminator(), shared, () => evaluator.collect());
  const complain = (thrown: unknown, execution = evaluator.origin()): void =>
    output.print(execution, 'stderr', failureText(describeFailure(thrown)));
  const evaluator: Evaluator = new Evaluator(
    output,
    post,
    (scope, end) => {
      if (scope.stopped) strays.stop(scope);
      host.ended(scope, end);
    },
    (scope) => strays.isOver(scope),
  );
  let rehearsal: Evaluator | undefined;
  /** Runs a cell as any other, by an evaluator that nobody listens to. */
  const rehearse = (compiled: RunnableCell): void => {
    const nothing = (): void => {};
    rehearsal ??= new Evaluator(new Output(nothing, allocateShared(), OUTPUT_WINDOW), nothing, nothing, () => false);
    rehearsal.run('', compiled, 0);
  };
  const threads = new ThreadShare(shared);
  const host = new MainHost({ output, evaluator, shared, threads, replies, post, complain });

  const report = async (): Promise<void> => {
    const answer = host.probe ?? (await import('../backend/choose.ts')).reportBackend;
    output.send({ type: 'backend', report: await answer() });
  };
  let reported: Promise<void> | undefined;
  registerImportHook((specifier) => {
    if (/^@tensorflow\/tfjs(-|$|\/)/.test(specifier)) {
      reported ??= report();
      return reported;
    }
    return undefined;
  });

  noteSyncChildren(shared);
  const exit = guardExits();
  Object.defineProperty(globalThis, EXIT_NAME, { value: exit });
  Object.defineProperty(globalThis, FLUSH_NAME, { value: () => unharmed(() => output.flush()) });
  Object.defineProperty(globalThis, STRIKE_NAME, { value: (anyone: boolean) => strays.strike(anyone) });
  const handle = (message: ToMain): void => {
    switch (message.op) {
      case 'run': {
        const [execution, serial] = message.row;
        threads.update();
        evaluator.run(execution, cellOf(message.row), serial);
        break;
      }
      case 'warm': {
        const cell = cellOf(message.row);
        if (cell.plain) rehearse(cell);
        else evaluator.warm(cell);
        break;
      }
      case 'rouse':
        evaluator.rouse();
        break;
      case 'share':
        threads.update();
        break;
      case 'connected':
        guardDescriptors();
        break;
      case 'ping':
        // Nothing of ours is under way here, however it ended.
        output.recover();
        recoverIntrinsics();
        unharmed(() => post({ op: 'pong', serial: message.serial }));
        break;
      case 'abort':
        evaluator.abort(message.execution, message);
        break;
      case 'reply':
        host.settle(message);
        break;
      case 'ack':
        host.acknowledge(message);
        break;
      case 'wish':
        host.wished(message.trial);
        break;
      case 'widget':
        host.changeWidget(message);
        break;
      case 'enter':
        enter(message.folder);
        break;
      case 'probe':
        report().catch((error: unknown) => complain(error));
        break;
      case 'shutdown':
        output.flush();
        post({ op: 'bye' });
        break;
      case 'exit':
        // The supervisor has let go of the inspector just before; Node would remark on it if that were still to come.
        setImmediate(() => setImmediate(() => exit(message.code)));
        break;
    }
  };

  installHost(host.offer);
  installStackTraces(unharmed);
  process.on(
    'uncaughtException',
    listener((error: unknown) => complain(error)),
  );
  process.on(
    'unhandledRejection',
    listener((reason: unknown) => complain(reason)),
  );
  guardLastListeners((thrown) => unharmed(() => complain(thrown)));
  for (const name of ['stdout', 'stderr'] as const) {
    Object.defineProperty(process[name], 'write', {
      value: output.writer(name, () => evaluator.origin()),
      configurable: true,
      writable: true,
    });
  }
  // Node's own console also keeps what was printed for a debugger; a notebook prints for months.
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr, ignoreErrors: false });
  const folder = process.cwd();
  const imports = new Imports(folder);
  const runtime = installRuntime(imports, folder, (value) => evaluator.show(value));
  const enter = (to: string): void => {
    try {
      process.chdir(to);
      runtime.enter(to);
    } catch (error) {
      writeSync(2, `trialroom kernel: cannot work in ${to}: ${error instanceof Error ? error.message : error}\n`);
    }
  };
  installGlobals(host.offer);
  installGlimpse();
  rememberIntrinsics();
  // Node calls what an emitter has for `emit`, and a cell may have changed it for all.
  if ('emit' in supervisor) fasten(supervisor, ['emit']);
  supervisor.on('message', listener(handle));
  // Only the `Worker` has this event: without a supervisor nobody could reach this process any more.
  supervisor.on('exit', () => exit(70));
}
