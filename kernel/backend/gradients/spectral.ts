/**
 * Gradients of complex numbers and of Fourier transforms. The gradient of a real loss by a complex number a + bi is
 * ∂a + ∂b·i; so that of a transform is its conjugate transpose: for the forward one, n times the inverse.
 */
import type { Tensor } from '@tensorflow/tfjs';
import type { TensorFlow } from '../tensorflow.ts';
import type { Gradient } from './register.ts';

/** The gradients of these kernels, for `register.ts`. */
export function spectralGradients(tf: TensorFlow): Gradient[] {
  const scaled = (x: Tensor, factor: number): Tensor => tf.complex(tf.real(x).mul(factor), tf.imag(x).mul(factor));
  const conjugate = (x: Tensor): Tensor => tf.complex(tf.real(x), tf.imag(x).neg());
  const isComplex = ({ dtype }: Tensor): boolean => dtype === 'complex64';
  const [product, difference] = [tf.getGradient('Multiply'), tf.getGradient('Sub')];
  const transform = (kernel: string, back: (dy: Tensor, length: number) => Tensor): Gradient => ({
    kernel,
    inputs: [],
    of: (dy) => ({ input: () => back(dy, dy.shape.at(-1) ?? 1) }),
  });
  return [
    { kernel: 'Complex', inputs: [], of: (dy) => ({ real: () => tf.real(dy), imag: () => tf.imag(dy) }) },
    { kernel: 'Real', inputs: [], of: (dy) => ({ input: () => tf.complex(dy, tf.zerosLike(dy)) }) },
    { kernel: 'Imag', inputs: [], of: (dy) => ({ input: () => tf.complex(tf.zerosLike(dy), dy) }) },
    transform('FFT', (dy, length) => scaled(tf.spectral.ifft(dy), length)),
    transform('IFFT', (dy, length) => scaled(tf.spectral.fft(dy), 1 / length)),
    // At zero the absolute value has no slope; as elsewhere in the library, none is given.
    {
      kernel: 'ComplexAbs',
      inputs: ['x'],
      of: (dy, [x]) => ({
        x: () => {
          if (!x) throw new Error('abs did not keep its input');
          const [a, b] = [tf.real(x), tf.imag(x)];
          const share = tf.divNoNan(dy, a.square().add(b.square()).sqrt());
          return tf.complex(a.mul(share), b.mul(share));
        },
      }),
    },
    { kernel: 'Identity', inputs: [], of: (dy) => ({ x: () => dy.clone() }) },
    {
      kernel: 'Multiply',
      inputs: ['a', 'b'],
      of: (dy, saved, attrs) => {
        const [a, b] = saved;
        if (a && b && isComplex(dy)) return { a: () => dy.mul(conjugate(b)), b: () => dy.mul(conjugate(a)) };
        return product?.gradFunc(dy, saved, Object(attrs)) ?? {};
      },
    },
    {
      kernel: 'Sub',
      inputs: ['a', 'b'],
      of: (dy, saved, attrs) =>
        isComplex(dy)
          ? { a: () => dy.clone(), b: () => scaled(dy, -1) }
          : (difference?.gradFunc(dy, saved, Object(attrs)) ?? {}),
    },
  ];
}
