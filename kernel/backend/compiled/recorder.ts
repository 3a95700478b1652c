/**
 * Runs a function of tensors without computing anything, and writes down which kernels it would call, its gradient's
 * included: TensorFlow.js differentiates as always, on a backend that only knows shapes. Variables and inputs are
 * stand-ins meanwhile, so that code which looks at their numbers is found out instead of being frozen into the graph.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { isDType } from './attributes.ts';
import { Seeds } from './random.ts';
import { CannotCompile, dtypeOf, type Recording } from './recording.ts';
import type { Outline } from './shapes/shapes.ts';
import { newRef, Tape } from './tape.ts';
import { withUndo } from './undo.ts';
import { place, spellPlace, withPlaces } from './where.ts';

const BACKEND = 'trialroom-recording';
/** Kernels that give several tensors. */
const LISTS: ReadonlySet<string> = new Set(['Unpack', 'SplitV', 'TopK']);

let tape: Tape | undefined;
/** An interrupt may strike while the backend is made; it is made anew then. */
let complete = false;

/**
 * Records `work` on stand-ins for `inputs`.
 * @throws CannotCompile when it reads numbers, or calls a kernel whose outcome's shape is not known
 */
export function record(
  tf: TensorFlow,
  inputs: readonly Outline[],
  work: (inputs: Tensor[]) => readonly Tensor[],
): Recording {
  const backend = backendOf(tf);
  const engine = tf.engine();
  if (tape) throw new CannotCompile('a recording within a recording');
  const seeds = new Seeds();
  const mine = new Tape(tf, seeds);
  // Those of text and of complex numbers cannot be trained; a function that reads one is told so.
  const all = Object.values(engine.registeredVariables);
  const variables = all.filter(({ dtype }) => isDType(dtype));
  for (const { dtype, dataId } of all) if (!isDType(dtype)) mine.refused.set(dataId, dtype);
  const { numTensors, numBytes, numDataBuffers } = engine.state;
  const counts = { numTensors, numBytes, numDataBuffers };
  // A clone keeps the numbers alive while the variable stands for something else; an assignment would free them.
  const kept = variables.map((variable) => ({ variable, data: variable.dataId, clone: tf.keep(variable.clone()) }));
  const before = { name: engine.backendName, instance: tf.backend() };
  const stands = new Map<Variable, object>();
  const placeholder = (outline: Outline): Tensor => {
    const data = {};
    mine.values.set(data, newRef(outline));
    return engine.makeTensorFromDataId(data, [...outline.shape], outline.dtype, backend);
  };
  const depth = engine.state.scopeStack.length;
  const restore = (): void => {
    tape = undefined;
    Reflect.set(engine, 'backendName', before.name);
    Reflect.set(engine, 'backendInstance', before.instance);
    for (const { variable, data } of kept) Reflect.set(variable, 'dataId', data);
    while (engine.state.scopeStack.length > depth) engine.endScope();
    for (const { clone } of kept) clone.dispose();
    // Nothing was made and nothing went; the engine's own count would be off by what stood for something else.
    Object.assign(engine.state, counts);
  };
  return withUndo(restore, () => {
    tape = mine;
    engine.startScope('recording');
    Reflect.set(engine, 'backendName', BACKEND);
    Reflect.set(engine, 'backendInstance', backend);
    const feeds = inputs.map(placeholder);
    for (const { variable } of kept) {
      const { dataId } = placeholder({ shape: variable.shape, dtype: dtypeOf(variable.dtype) });
      stands.set(variable, dataId);
      mine.owners.set(dataId, variable);
      Reflect.set(variable, 'dataId', dataId);
    }
    const outputs = withPlaces(tf, () => seeds.during(() => work(feeds)));
    if (seeds.taken().length > 0) {
      throw new CannotCompile('it calls Math.random by itself, whose numbers would be the same in every step');
    }
    return {
      operations: mine.operations,
      inputs: feeds.map(({ dataId }) => mine.real(dataId)),
      variables: variables.flatMap((variable) => {
        const stand = stands.get(variable);
        return stand && mine.used.has(variable) ? [{ variable, ref: mine.real(stand) }] : [];
      }),
      constants: mine.constants,
      outputs: outputs.map(({ dataId }) => mine.real(dataId)),
      updates: variables.flatMap((variable) =>
        variable.dataId === stands.get(variable) ? [] : [{ variable, ref: mine.real(variable.dataId) }],
      ),
    };
  });
}

/** The tape that is running. */
function current(): Tape {
  if (!tape) throw new Error('the recording backend is used outside a recording');
  return tape;
}

function backendOf(tf: TensorFlow): InstanceType<TensorFlow['KernelBackend']> {
  const known = tf.engine().findBackend(BACKEND);
  if (known && complete) return known;

  class Recording extends tf.KernelBackend {
    readonly #counts = new WeakMap<object, number>();

    override write(values: unknown, shape: number[], dtype: string): object {
      return current().write(values, { shape, dtype: dtypeOf(dtype) });
    }
    override readSync(): never {
      throw new CannotCompile(
        `it reads the numbers of a tensor in the middle of the step (dataSync, arraySync or print)${spellPlace(place())}`,
      );
    }
    override async read(): Promise<never> {
      return this.readSync();
    }
    override disposeData(data: object): boolean {
      const count = this.refCount(data) - 1;
      this.#counts.set(data, count);
      return count <= 0;
    }
    override incRef(data: object): void {
      this.#counts.set(data, this.refCount(data) + 1);
    }
    override refCount(data: object): number {
      return this.#counts.get(data) ?? 1;
    }
    override numDataIds(): number {
      return tape?.values.size ?? 0;
    }
    override memory(): { unreliable: boolean } {
      return { unreliable: true };
    }
    override timerAvailable(): boolean {
      return false;
    }
    override floatPrecision(): 32 {
      return 32;
    }
    override epsilon(): number {
      return 1e-7;
    }
    override dispose(): void {}
  }

  const backend = new Recording();
  // Never chosen by itself: the least of all priorities.
  if (known) tf.removeBackend(BACKEND);
  tf.registerBackend(BACKEND, () => backend, Number.MIN_SAFE_INTEGER);
  Reflect.set(tf.engine().registry, BACKEND, backend);
  for (const { kernelName } of tf.getKernelsForBackend('cpu')) {
    if (tf.getKernel(kernelName, BACKEND)) continue;
    tf.registerKernel({
      kernelName,
      backendName: BACKEND,
      kernelFunc: ({ inputs, attrs }) => {
        const outputs = current().note(kernelName, inputs, { ...attrs });
        return LISTS.has(kernelName) ? outputs : (outputs[0] ?? []);
      },
    });
  }
  complete = true;
  return backend;
}
