/**
 * What an interrupt leaves behind: an async loop of the stopped execution that a timer, a file or a socket would wake
 * again. A timer's callback is skipped; any other awakening is stopped before a line of it runs. To see those, V8 must
 * call us before every promise reaction, which halves the speed of loops that only await. So it is asked to only while a
 * stopped scope is alive: whatever could wake its code holds the scope, and once nothing does it is collected.
 *
 * Node's async hooks would see more, but abort the process when code is stopped between their two halves.
 */
import { setTimeout } from 'node:timers';
import { promiseHooks } from 'node:v8';
import { MET, type Met, SHARED, type ToSupervisor } from '../channel.ts';
import { unharmed } from '../guard/intrinsics.ts';
import { whenWhole } from '../guard/whole.ts';
import { currentScope, type Scope, withoutExecution } from '../scope.ts';
import type { Terminator } from './terminate.ts';
import { guardTimers } from './timers.ts';

// As they are now: cells may put other things in their places.
const { load, wait } = Atomics;

/** When garbage is collected for the sake of stopped scopes, in ms after the stop. */
const COLLECT_MS = [1000, 3000, 10_000];
/** So many turns of a loop are more than V8 needs to end it. */
const TURNS = 10_000;

/** Keeps stopped executions stopped. */
export class Strays {
  #alive = 0;
  #unhook: (() => void) | undefined;
  #collected = new FinalizationRegistry<undefined>(() => {
    if (--this.#alive > 0) return;
    this.#unhook?.();
    this.#unhook = undefined;
  });
  #post: (message: ToSupervisor) => void;
  #terminator: Pick<Terminator, 'terminate'>;
  #shared: Int32Array<SharedArrayBuffer>;
  #collect: () => void;
  #isLoading: () => boolean;

  /** `isLoading`: whether modules are being imported. `collect` shall collect garbage, if this is a good moment for it. */
  constructor(
    post: (message: ToSupervisor) => void,
    terminator: Pick<Terminator, 'terminate'>,
    shared: Int32Array<SharedArrayBuffer>,
    collect: () => void,
    isLoading: () => boolean,
  ) {
    this.#post = post;
    this.#terminator = terminator;
    this.#shared = shared;
    this.#collect = collect;
    this.#isLoading = isLoading;
    guardTimers((scope) => this.isOver(scope));
  }

  /** True while code of a stopped scope might come back to life. */
  get watching(): boolean {
    return this.#unhook !== undefined;
  }

  /** True for a scope that is stopped or being stopped. */
  isOver(scope: Scope | undefined): boolean {
    if (scope === undefined) return false;
    return scope.stopped || (scope.serial > 0 && load(this.#shared, SHARED.stopping) === scope.serial);
  }

  /**
   * Ends the running code if it is that of a stopped scope, or if `anyone` may be hit; what must not be ended half-way only
   * when it is done, unless it may be `anywhere`. What loads modules is nobody's, and hit last: `evenModules`. For the
   * inspector's question, which comes between two instructions.
   */
  strike(anyone: boolean, anywhere: boolean, evenModules: boolean): Met {
    const isMeant = (): boolean => {
      const scope = currentScope();
      return evenModules || (anyone && (scope !== undefined || !this.#isLoading())) || this.isOver(scope);
    };
    if (!isMeant()) return MET.other;
    const end = (): void => {
      if (isMeant()) this.#endHere();
    };
    if (!anywhere && whenWhole(end)) return MET.later;
    this.#terminator.terminate();
    return MET.struck;
  }

  /** From now on no code of this scope runs any more. */
  stop(scope: Scope): void {
    scope.stopped = true;
    this.#alive++;
    this.#collected.register(scope, undefined);
    if (this.#unhook) return;
    const release = promiseHooks.onBefore(() => this.#before());
    this.#unhook = () => void release();
    withoutExecution(() => {
      for (const ms of COLLECT_MS) setTimeout(() => this.watching && this.#collect(), ms).unref();
    });
  }

  #endHere(): void {
    this.#terminator.terminate();
    turns();
  }

  #before(): void {
    if (!isStray()) return;
    this.#endHere();
    // V8 cannot be asked from here.
    for (;;) {
      unharmed(() => this.#post({ op: 'kill' }));
      wait(this.#shared, SHARED.never, 0, 250);
    }
  }
}

/** Ends at the next turn of a loop, and not in what is called next. */
function turns(): void {
  for (let turn = 0; turn < TURNS; turn++);
}

const isStray = (): boolean => currentScope()?.stopped === true;
