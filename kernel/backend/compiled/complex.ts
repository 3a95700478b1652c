/**
 * Kernels on complex numbers, said in kernels on real ones. The same kernels take complex numbers here as do when a
 * function runs uncompiled.
 */
import { CannotCompile, isPair, type Pair, type Ref } from './recording.ts';
import type { Attrs } from './shapes/shapes.ts';

type Values = Readonly<Record<string, Ref | Pair>>;
/** Writes a kernel on real numbers down and gives its outputs. */
type Emit = (kernel: string, inputs: Record<string, Ref>, attrs: Attrs) => Ref[];

/** Kernels that do to both parts what they do to a real tensor. */
const PARTS: ReadonlySet<string> = new Set([
  'Identity',
  'Reshape',
  'ExpandDims',
  'Add',
  'Sub',
  'AddN',
  'Concat',
  'ZerosLike',
]);

/**
 * What the kernel gives, where complex numbers go in or come out; undefined where none do.
 * @throws CannotCompile for a kernel that takes none
 */
export function inReals(kernel: string, inputs: Values, attrs: Attrs, emit: Emit): (Ref | Pair)[] | undefined {
  const one = (name: string, refs: Record<string, Ref>, of: Attrs = {}): Ref => {
    const [ref] = emit(name, refs, of);
    if (!ref) throw new Error(`${name} gives nothing`);
    return ref;
  };
  const real = (name: string): Ref => {
    const value = inputs[name];
    if (!value || isPair(value)) throw new CannotCompile(`its ${name} is not real`);
    return value;
  };
  const pair = (name: string): Pair => {
    const value = inputs[name];
    if (!value) throw new Error(`${kernel} came without its input ${name}`);
    return isPair(value) ? value : { real: value, imag: one('ZerosLike', { x: value }) };
  };
  if (kernel === 'Complex') return [{ real: real('real'), imag: real('imag') }];
  if (kernel === 'Cast' && attrs.dtype === 'complex64') {
    const { real: x, imag } = pair('x');
    return [{ real: x.dtype === 'float32' ? x : one('Cast', { x }, { dtype: 'float32' }), imag }];
  }
  if (!Object.values(inputs).some(isPair)) return undefined;
  switch (kernel) {
    case 'Real':
      return [pair('input').real];
    case 'Imag':
      return [pair('input').imag];
    case 'Cast':
      return emit('Cast', { x: pair('x').real }, attrs);
    case 'ComplexAbs': {
      const { real: x, imag: y } = pair('x');
      return emit('Sqrt', { x: one('Add', { a: one('Square', { x }), b: one('Square', { x: y }) }) }, {});
    }
    case 'FFT':
    case 'IFFT': {
      const [x, y] = emit('Fourier', { ...pair('input') }, { inverse: kernel === 'IFFT' });
      return x && y ? [{ real: x, imag: y }] : [];
    }
    case 'Multiply': {
      const [a, b] = [pair('a'), pair('b')];
      const times = (x: Ref, y: Ref): Ref => one('Multiply', { a: x, b: y });
      return [
        {
          real: one('Sub', { a: times(a.real, b.real), b: times(a.imag, b.imag) }),
          imag: one('Add', { a: times(a.real, b.imag), b: times(a.imag, b.real) }),
        },
      ];
    }
  }
  if (!PARTS.has(kernel)) throw new CannotCompile('it takes no complex numbers');
  const part = (of: keyof Pair): Ref =>
    one(kernel, Object.fromEntries(Object.keys(inputs).map((name) => [name, pair(name)[of]])), attrs);
  return [{ real: part('real'), imag: part('imag') }];
}
