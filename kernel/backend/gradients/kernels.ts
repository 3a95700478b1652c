/**
 * Gradient kernels that TensorFlow.js has wrong, on plain arrays, put into its backends: means over windows, which count
 * only what lies inside; nearest neighbours, where all images but the first got another's gradient.
 */
import type { TensorInfo } from '@tensorflow/tfjs';
import { flat, solid, type Window } from '../compiled/lower/window.ts';
import { pooling3Of, poolingOf } from '../compiled/shapes/window.ts';
import type { TensorFlow } from '../tensorflow.ts';
import type { Attrs } from './register.ts';

type Work = (dy: Float32Array, dx: Float32Array, input: TensorInfo, dyShape: number[], attrs: Attrs) => void;

/** How a backend's numbers are reached. */
export interface Memory {
  name: 'cpu' | 'wasm';
  read(info: TensorInfo): Float32Array;
  /** A new tensor, and its numbers to be filled in. */
  make(shape: number[]): { info: TensorInfo; values: Float32Array };
}

/** Puts the kernels into a backend. */
export function mendKernels(tf: TensorFlow, memory: Memory): void {
  const { name: backendName } = memory;
  const put = (kernelName: string, input: 'input' | 'images', work: Work): void => {
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const [x, dy] = [inputs[input], inputs.dy];
        if (!x || !dy) throw new Error(`${kernelName} came without its inputs`);
        const { info, values } = memory.make(x.shape);
        work(memory.read(dy), values.fill(0), x, dy.shape, attrs ?? {});
        return info;
      },
    });
  };
  if (backendName === 'cpu') {
    put('AvgPoolGrad', 'input', (dy, dx, { shape }, _, attrs) => ofMean(dy, dx, flat(poolingOf(tf, shape, attrs))));
  }
  put('AvgPool3DGrad', 'input', (dy, dx, { shape }, _, attrs) => ofMean(dy, dx, solid(pooling3Of(tf, shape, attrs))));
  put('ResizeNearestNeighborGrad', 'images', ofNeighbours);
  put('ResizeBilinearGrad', 'images', ofInterpolated);
}

/** The numbers of the JavaScript backend. @throws Error when it is of another copy of the library */
export function plainMemory(tf: TensorFlow): Memory {
  const backend = tf.findBackend('cpu');
  if (!(backend instanceof tf.MathBackendCPU)) throw new Error('the JavaScript backend is of another copy of tfjs');
  return {
    name: 'cpu',
    read: ({ dataId }) => {
      const values = backend.readSync(dataId);
      return values instanceof Float32Array ? values : Float32Array.from(Object(values));
    },
    make: (shape) => {
      const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
      return { info: backend.makeTensorInfo(shape, 'float32', values), values };
    },
  };
}

/** Divides each output's gradient among the cells of its window that lie inside. */
function ofMean(dy: Float32Array, dx: Float32Array, window: Window): void {
  const { batch, inChannels: channels, input } = window;
  const cellsIn = input.reduce((product, length) => product * length, 1);
  const each = windows(window);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (const cells of each) {
      for (const cell of cells) {
        const to = (image * cellsIn + cell) * channels;
        for (let channel = 0; channel < channels; channel++) {
          dx[to + channel] = (dx[to + channel] ?? 0) + (dy[from + channel] ?? 0) / cells.length;
        }
      }
      from += channels;
    }
  }
}

/** Numbers of the input cells under each output cell: those of each axis, crossed with those of the axes before. */
function windows({ input, output, filter, stride, before }: Window): number[][] {
  return output.reduce<number[][]>(
    (found, count, axis) => {
      const length = input[axis] ?? 1;
      return found.flatMap((cells) =>
        Array.from({ length: count }, (_, at) => {
          const start = at * (stride[axis] ?? 1) - (before[axis] ?? 0);
          const [first, last] = [Math.max(0, start), Math.min(length, start + (filter[axis] ?? 1))];
          const along = Array.from({ length: Math.max(0, last - first) }, (_, step) => first + step);
          return cells.flatMap((cell) => along.map((place) => cell * length + place));
        }),
      );
    },
    [[0]],
  );
}

const ofNeighbours: Work = (dy, dx, { shape }, [, toHeight = 1, toWidth = 1], attrs) => {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const rows = neighbours(height, toHeight, attrs);
  const columns = neighbours(width, toWidth, attrs);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (const row of rows) {
      for (const column of columns) {
        const to = ((image * height + row) * width + column) * channels;
        for (let channel = 0; channel < channels; channel++, from++) {
          dx[to + channel] = (dx[to + channel] ?? 0) + (dy[from] ?? 0);
        }
      }
    }
  }
};

const ofInterpolated: Work = (dy, dx, { shape }, [, toHeight = 1, toWidth = 1], attrs) => {
  const [batch = 1, height = 1, width = 1, channels = 1] = shape;
  const rows = interpolation(height, toHeight, attrs);
  const columns = interpolation(width, toWidth, attrs);
  let from = 0;
  for (let image = 0; image < batch; image++) {
    for (const row of rows) {
      for (const column of columns) {
        for (const [y, tall] of row) {
          for (const [x, wide] of column) {
            const to = ((image * height + y) * width + x) * channels;
            for (let channel = 0; channel < channels; channel++) {
              dx[to + channel] = (dx[to + channel] ?? 0) + tall * wide * (dy[from + channel] ?? 0);
            }
          }
        }
        from += channels;
      }
    }
  }
};

/** The two input cells that each output cell along an axis lies between, with their weights. */
export function interpolation(from: number, to: number, attrs: Attrs): [number, number][][] {
  const scale = attrs.alignCorners === true && to > 1 ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, at) => {
    const source = Math.max(0, attrs.halfPixelCenters === true ? scale * (at + 0.5) - 0.5 : scale * at);
    const low = Math.min(from - 1, Math.floor(source));
    const high = Math.min(from - 1, low + 1);
    return [
      [low, 1 - (source - low)],
      [high, source - low],
    ];
  });
}

/** Which input cell each output cell along an axis was taken from. */
export function neighbours(from: number, to: number, attrs: Attrs): number[] {
  const corners = attrs.alignCorners === true;
  const scale = corners && to > 1 ? (from - 1) / (to - 1) : from / to;
  return Array.from({ length: to }, (_, at) => {
    const source = scale * (attrs.halfPixelCenters === true ? at + 0.5 : at);
    return Math.min(from - 1, Math.max(0, corners ? Math.round(source) : Math.floor(source)));
  });
}
