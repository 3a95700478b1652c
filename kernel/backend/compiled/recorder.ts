/**
 * Runs a function of tensors without computing anything, and writes down which kernels it would call, its gradient's
 * included: TensorFlow.js differentiates as always, on a backend that only knows shapes. Variables and inputs are
 * stand-ins meanwhile, so that code which looks at their numbers is found out instead of being frozen into the graph.
 */
import type { Tensor, Variable } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import { type DType, isDType } from './attributes.ts';
import { type Draw, recognize, Seeds } from './random.ts';
import { type Attrs, hasShape, type Outline, outlinesOf } from './shapes/shapes.ts';
import { withUndo } from './undo.ts';
import { type Place, place, spellPlace, traceHere, withPlaces } from './where.ts';

/** Number of a value within one recording. */
export type ValueId = number;

/** A value of a recording. */
export interface Ref extends Outline {
  id: ValueId;
}

/** One kernel call. */
export interface Operation {
  kernel: string;
  inputs: Record<string, Ref>;
  attrs: Attrs;
  outputs: Ref[];
  place: Place;
}

/** Numbers that were there before the function ran, or were made by it on the host. */
export interface Constant extends Ref {
  values: Float32Array | Int32Array | Uint8Array;
  /** How it is drawn afresh in every run. */
  random?: Draw;
  /** The tensor that held it, where it was there before. */
  source?: object;
  place: Place;
}

export interface Recording {
  operations: Operation[];
  inputs: Ref[];
  /** Variables that were read, as they were before. */
  variables: { variable: Variable; ref: Ref }[];
  constants: Constant[];
  /** What the function returned. */
  outputs: Ref[];
  /** Variables that were assigned, with their new values. */
  updates: { variable: Variable; ref: Ref }[];
}

/** The function does something that cannot be compiled; the message names it. */
export class CannotCompile extends Error {
  override name = 'CannotCompile';
}

const BACKEND = 'trialroom-recording';
/** Kernels that give several tensors. */
const LISTS: ReadonlySet<string> = new Set(['Unpack', 'SplitV', 'TopK']);

/** Where recorded tensors live: nowhere. */
interface Tape {
  operations: Operation[];
  constants: Constant[];
  refs: Map<object, Ref>;
  owners: Map<object, Variable>;
  used: Set<Variable>;
  seeds: Seeds;
}

let tape: Tape | undefined;
let ids = 0;
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
  const mine: Tape = { operations: [], constants: [], refs: new Map(), owners: new Map(), used: new Set(), seeds };
  const variables = Object.values(engine.registeredVariables);
  const { numTensors, numBytes, numDataBuffers } = engine.state;
  const counts = { numTensors, numBytes, numDataBuffers };
  // A clone keeps the numbers alive while the variable stands for something else; an assignment would free them.
  const kept = variables.map((variable) => ({ variable, data: variable.dataId, clone: tf.keep(variable.clone()) }));
  const before = { name: engine.backendName, instance: tf.backend() };
  const stands = new Map<Variable, object>();
  const placeholder = ({ shape, dtype }: Outline): Tensor => {
    const data = {};
    mine.refs.set(data, { id: ++ids, shape: [...shape], dtype });
    return engine.makeTensorFromDataId(data, [...shape], dtype, backend);
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
    const refOf = (data: object): Ref => {
      const ref = mine.refs.get(data);
      if (!ref) throw new CannotCompile('the function returns a tensor that it did not compute');
      return ref;
    };
    return {
      operations: mine.operations,
      inputs: feeds.map(({ dataId }) => refOf(dataId)),
      variables: variables.flatMap((variable) => {
        const stand = stands.get(variable);
        return stand && mine.used.has(variable) ? [{ variable, ref: refOf(stand) }] : [];
      }),
      constants: mine.constants,
      outputs: outputs.map(({ dataId }) => refOf(dataId)),
      updates: variables.flatMap((variable) =>
        variable.dataId === stands.get(variable) ? [] : [{ variable, ref: refOf(variable.dataId) }],
      ),
    };
  });
}

/** What a kernel of this backend does: nothing but writing itself down. */
function note(
  tf: TensorFlow,
  kernel: string,
  given: unknown,
  attrs: Attrs,
): { dataId: object; shape: number[]; dtype: DType }[] {
  const now = tape;
  if (!now) throw new Error('the recording backend is used outside a recording');
  const inputs: Record<string, Ref> = {};
  for (const [name, value] of Object.entries(Object(given))) {
    if (isTensor(value)) inputs[name] = refOf(tf, now, value);
  }
  let outlines: Outline[];
  try {
    outlines = outlinesOf(kernel, inputs, attrs, tf);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CannotCompile(`${kernel}: ${why}${spellPlace(place())}`);
  }
  const outputs = outlines.map(({ shape, dtype }): Ref => ({ id: ++ids, shape, dtype }));
  now.operations.push({ kernel, inputs, attrs, outputs, place: place() });
  return outputs.map((ref) => {
    const dataId = {};
    now.refs.set(dataId, ref);
    return { dataId, shape: ref.shape, dtype: ref.dtype };
  });
}

interface TensorLike {
  dataId: object;
  shape: number[];
  dtype: string;
}

const isTensor = (value: unknown): value is TensorLike =>
  typeof value === 'object' && value !== null && typeof Reflect.get(value, 'dataId') === 'object';

function refOf(tf: TensorFlow, now: Tape, { dataId, shape, dtype }: TensorLike): Ref {
  const owner = now.owners.get(dataId);
  if (owner) now.used.add(owner);
  const known = now.refs.get(dataId);
  if (known) return known;
  // A tensor of before, held by the function: its numbers are taken as they are now.
  const values = tf.engine().readSync(dataId);
  const ref: Ref = { id: ++ids, shape: [...shape], dtype: dtypeOf(dtype) };
  now.refs.set(dataId, ref);
  now.constants.push({ ...ref, values: numbersOf(values, ref.dtype), source: dataId, place: place() });
  return ref;
}

function backendOf(tf: TensorFlow): InstanceType<TensorFlow['KernelBackend']> {
  const known = tf.engine().findBackend(BACKEND);
  if (known && complete) return known;

  class Recording extends tf.KernelBackend {
    readonly #counts = new WeakMap<object, number>();

    override write(values: unknown, shape: number[], dtype: string): object {
      if (!tape) throw new Error('the recording backend is used outside a recording');
      const data = {};
      const ref: Ref = { id: ++ids, shape: [...shape], dtype: dtypeOf(dtype) };
      tape.refs.set(data, ref);
      const written = numbersOf(values, ref.dtype);
      const random = drawOf(written, tape.seeds);
      tape.constants.push({ ...ref, values: written, ...(random ? { random } : {}), place: place() });
      return data;
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
      return tape?.refs.size ?? 0;
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
        const outputs = note(tf, kernelName, inputs, { ...attrs });
        return LISTS.has(kernelName) ? outputs : (outputs[0] ?? []);
      },
    });
  }
  complete = true;
  return backend;
}

/** How TensorFlow.js names the functions that fill a tensor with random numbers. */
const DRAWN_BY: Readonly<Record<string, Draw['kind']>> = {
  randomUniform: 'uniform',
  randomNormal: 'normal',
  randomStandardNormal: 'normal',
  truncatedNormal: 'truncated normal',
};

/** How numbers that are being written were drawn; undefined when not by chance. @throws CannotCompile when nobody knows */
function drawOf(values: Constant['values'], seeds: Seeds): Draw | undefined {
  const taken = seeds.taken();
  const [seed] = taken;
  if (seed === undefined) return undefined;
  const here = place();
  const by = /\b(rand\w*|truncatedNormal|multinomial)_ /.exec(traceHere().stack ?? '')?.[1];
  const draw =
    taken.length === 1 && values instanceof Float32Array ? recognize(values, seed, DRAWN_BY[by ?? '']) : undefined;
  if (draw) return draw;
  const what = by === undefined ? 'with Math.random' : `with ${by}`;
  throw new CannotCompile(`it draws random numbers ${what}, which would be the same in every step${spellPlace(here)}`);
}

/** @throws CannotCompile for complex numbers and text */
export const dtypeOf = (dtype: string): DType => {
  if (isDType(dtype)) return dtype;
  throw new CannotCompile(`tensors of type ${dtype} cannot be compiled`);
};

function numbersOf(values: unknown, dtype: DType): Constant['values'] {
  if (values === null || typeof values !== 'object') throw new CannotCompile('a tensor came without numbers');
  // The caller may go on writing to them.
  if (dtype === 'float32' && values instanceof Float32Array) return values.slice();
  const list = Array.from(values as ArrayLike<number | boolean>, Number);
  return dtype === 'float32'
    ? Float32Array.from(list)
    : dtype === 'int32'
      ? Int32Array.from(list)
      : Uint8Array.from(list);
}

/** Kernels of this TensorFlow.js that cannot be recorded, for tests and reports. */
export const unknownKernels = (tf: TensorFlow): string[] =>
  tf
    .getKernelsForBackend('cpu')
    .map(({ kernelName }) => kernelName)
    .filter((kernel) => !hasShape(kernel));
