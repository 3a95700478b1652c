/**
 * Reads a value for a person without changing anything: V8 refuses the expression as soon as it would have a side
 * effect. A blocked main thread is paused for a moment, looked at, and let go.
 */
import type { Interrupter } from './interrupt.ts';
import type { InspectorAnswer, MainInspector } from './main-inspector.ts';

/** Longest time a look may take, in ms. */
const PATIENCE = 1000;

/** What was seen: its JavaScript type and a short text, or why nothing could be seen. */
export interface Inspected {
  ok: boolean;
  /** `{ type, text }` when ok, else a sentence. */
  value: unknown;
}

let looking: Promise<unknown> = Promise.resolve();

/** Evaluates an expression in the cells' scope. Never throws; one look at a time. */
export function inspectValue(main: MainInspector, interrupter: Interrupter, expression: string): Promise<Inspected> {
  const look = looking.then(async (): Promise<Inspected> => {
    try {
      const idle = await interrupter.isIdle();
      return idle ? await evaluate(main, expression) : await evaluatePaused(main, expression);
    } catch (error) {
      return { ok: false, value: error instanceof Error ? error.message : String(error) };
    }
  });
  looking = look;
  return look;
}

async function evaluate(main: MainInspector, expression: string): Promise<Inspected> {
  const answer = await main.post('Runtime.evaluate', {
    expression,
    replMode: true,
    silent: true,
    throwOnSideEffect: true,
    timeout: PATIENCE / 2,
    generatePreview: true,
    objectGroup: 'inspect',
  });
  const seen = read(answer);
  await main.post('Runtime.releaseObjectGroup', { objectGroup: 'inspect' });
  return seen;
}

async function evaluatePaused(main: MainInspector, expression: string): Promise<Inspected> {
  let timer: NodeJS.Timeout | undefined;
  const { promise: paused, resolve, reject } = Promise.withResolvers<string>();
  const onPaused = (event: { params: { callFrames: { callFrameId: string }[] } }): void =>
    resolve(event.params.callFrames[0]?.callFrameId ?? '');
  main.session.once('Debugger.paused', onPaused);
  try {
    await main.post('Debugger.enable');
    timer = setTimeout(() => reject(new Error('the kernel is busy in native code; try again')), PATIENCE);
    main.post('Debugger.pause').catch(reject);
    const callFrameId = await paused;
    return read(
      await main.post('Debugger.evaluateOnCallFrame', {
        callFrameId,
        expression,
        silent: true,
        throwOnSideEffect: true,
        timeout: PATIENCE / 2,
        generatePreview: true,
      }),
    );
  } finally {
    clearTimeout(timer);
    main.session.removeListener('Debugger.paused', onPaused);
    // Also resumes, and forgets a pause that has not happened yet.
    await main.post('Debugger.disable').catch(() => {});
  }
}

function read(answer: InspectorAnswer): Inspected {
  const { result, exceptionDetails } = answer;
  if (typeof exceptionDetails === 'object' && exceptionDetails !== null) {
    const exception: unknown = Reflect.get(exceptionDetails, 'exception');
    const text =
      typeof exception === 'object' && exception !== null ? Reflect.get(exception, 'description') : undefined;
    return { ok: false, value: typeof text === 'string' ? text.split('\n')[0] : 'the expression failed' };
  }
  if (typeof result !== 'object' || result === null) return { ok: false, value: 'nothing was seen' };
  const type = Reflect.get(result, 'type');
  const value: unknown = Reflect.get(result, 'value');
  const said = Reflect.get(result, 'description') ?? Reflect.get(result, 'unserializableValue');
  const text = typeof said === 'string' ? said : value === undefined ? 'undefined' : String(value);
  return { ok: true, value: { type, text: text.slice(0, 10_000), ...previewOf(result) } };
}

/** The first properties of an object, as `[name, text]` pairs. */
function previewOf(result: object): { properties?: [string, string][] } {
  const preview: unknown = Reflect.get(result, 'preview');
  const properties: unknown = typeof preview === 'object' && preview !== null ? Reflect.get(preview, 'properties') : [];
  if (!Array.isArray(properties) || properties.length === 0) return {};
  return { properties: properties.map((property) => [String(property.name), String(property.value ?? property.type)]) };
}
