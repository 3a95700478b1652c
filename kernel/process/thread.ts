/**
 * The main thread of a kernel: puts evaluator, output, host and imports together and obeys the supervisor. After this
 * has run, the thread belongs to the user's code; everything here must bear being stopped at any line.
 */
import { Console } from 'node:console';
import process from 'node:process';
import { setImmediate } from 'node:timers';
import type { MessagePort, Worker } from 'node:worker_threads';
import { OUTPUT_WINDOW } from '@trialroom/shared/kernel/limits';
import { describeFailure } from '../cell/failure.ts';
import { installStackTraces } from '../cell/trace.ts';
import { allocateShared, EXIT_NAME, FLUSH_NAME, STRIKE_NAME, type ToMain, type ToSupervisor } from './channel.ts';
import { complain as log, wordsOf } from './complain.ts';
import { Evaluator } from './evaluate/evaluator.ts';
import { installRuntime } from './evaluate/runtime.ts';
import { installGlobals } from './globals.ts';
import { keepAsyncStack } from './guard/async-stack.ts';
import { guardDescriptors } from './guard/descriptors.ts';
import { guardExits, guardLastListeners } from './guard/exits.ts';
import { fasten, listener, recoverIntrinsics, rememberIntrinsics, unharmed } from './guard/intrinsics.ts';
import { recoverWhole } from './guard/whole.ts';
import { installHost } from './host.ts';
import { Imports, registerImportHook } from './imports.ts';
import { printInherited } from './inherited.ts';
import { installGlimpse } from './inspect/glimpse.ts';
import { Strays } from './interrupt/strays.ts';
import { Terminator } from './interrupt/terminate.ts';
import { MainHost } from './kernel-host.ts';
import { forgetBrokenModules } from './modules.ts';
import { Output } from './output.ts';
import { cellOf, type RunnableCell } from './rows.ts';
import { currentScope } from './scope.ts';
import { readStdin } from './stdin/descriptor.ts';
import { AskedStdin, Unanswered } from './stdin/stdin.ts';
import { printStreams } from './streams.ts';
import { forgetSyncChild, noteSyncChildren } from './sync-child.ts';
import { SyncRelay } from './sync-relay.ts';
import { ThreadShare } from './threads.ts';
import { Uncaught } from './uncaught.ts';

/** Makes the calling thread the one that runs cells. `library`: URL of what they get for `trialroom`. */
export function startThread(
  supervisor: Worker | MessagePort,
  shared: Int32Array<SharedArrayBuffer>,
  replies: MessagePort,
  library: string,
): void {
  const post = (message: ToSupervisor, transfer?: ArrayBuffer[]): void =>
    transfer ? supervisor.postMessage(message, transfer) : supervisor.postMessage(message);
  const output = new Output(post, shared, OUTPUT_WINDOW);
  const strays = new Strays(
    post,
    new Terminator(),
    shared,
    () => evaluator.collect(),
    () => imports.loading,
  );
  const uncaught = new Uncaught(output);
  const complain = (thrown: unknown, execution = evaluator.origin()): void =>
    uncaught.tell(execution, describeFailure(thrown), currentScope()?.cell);
  const evaluator: Evaluator = new Evaluator(
    output,
    post,
    (scope, end) => {
      if (scope.stopped) strays.stop(scope);
      host.ended(scope, end);
      stdin.ended(scope);
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

  const stdin = new AskedStdin(host.offer);
  const relay = new SyncRelay(post, shared);

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
  Object.defineProperty(globalThis, STRIKE_NAME, {
    value: (anyone: boolean, anywhere: boolean, evenModules: boolean) => strays.strike(anyone, anywhere, evenModules),
  });
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
      case 'rest':
        evaluator.collect();
        break;
      case 'share':
        threads.update();
        break;
      case 'connected':
        guardDescriptors();
        stdin.install();
        readStdin(host.offer);
        printInherited(output, () => evaluator.origin(), relay);
        break;
      case 'ping':
        // Nothing of ours is under way here, however it ended.
        output.recover();
        recoverIntrinsics();
        recoverWhole();
        forgetSyncChild(shared);
        forgetBrokenModules();
        unharmed(() => {
          relay.recover();
          post({ op: 'pong', serial: message.serial });
        });
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
    listener((error: unknown) => {
      // Whoever waits for the line would wait for ever.
      if (!(error instanceof Unanswered && evaluator.giveUp(evaluator.origin(), error))) complain(error);
    }),
  );
  process.on(
    'unhandledRejection',
    listener((reason: unknown) => {
      // What was to take it in may have been stopped between the two.
      if (!strays.isOver(currentScope())) complain(reason);
    }),
  );
  guardLastListeners((thrown) => unharmed(() => complain(thrown)));
  printStreams(output, () => evaluator.origin());
  // Node's own console also keeps what was printed for a debugger; a notebook prints for months.
  globalThis.console = new Console({ stdout: process.stdout, stderr: process.stderr, ignoreErrors: false });
  const folder = process.cwd();
  const imports = new Imports(folder);
  const runtime = installRuntime(imports, folder, library, (value) => evaluator.show(value));
  const enter = (to: string): void => {
    try {
      process.chdir(to);
      runtime.enter(to);
    } catch (error) {
      log(`cannot work in ${to}: ${wordsOf(error)}`);
    }
  };
  installGlobals(host.offer);
  installGlimpse();
  keepAsyncStack();
  rememberIntrinsics();
  // Node calls what an emitter has for `emit`, and a cell may have changed it for all.
  if ('emit' in supervisor) fasten(supervisor, ['emit']);
  supervisor.on('message', listener(handle));
  // Only the `Worker` has this event: without a supervisor nobody could reach this process any more.
  supervisor.on('exit', () => exit(70));
}
