/** For tests: functions of tensors, among them every one whose gradient is mended here, for all backends alike. */
import type { Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Tensor5D } from '@tensorflow/tfjs';
import { loadTensorFlow } from '../tensorflow.ts';

const tf = loadTensorFlow();

/** A function of tensors, and what it is tried on. */
export interface Case {
  name: string;
  shapes: number[][];
  work: (inputs: Tensor[]) => Tensor;
  /** There is no gradient to speak of. */
  flat?: boolean;
  /** Needs complex numbers. */
  complex?: boolean;
}
/** All cases, filled below. */
export const CASES: Case[] = [];
const add = (name: string, shapes: number[][], work: Case['work'], more: Partial<Case> = {}): void =>
  void CASES.push({ name, shapes, work, ...more });
/** Tensors of a rank that the types know. */
const one = (x: Tensor | undefined) => x as Tensor1D;
const two = (x: Tensor | undefined) => x as Tensor2D;
const three = (x: Tensor | undefined) => x as Tensor3D;
const four = (x: Tensor | undefined) => x as Tensor4D;
const five = (x: Tensor | undefined) => x as Tensor5D;
const ids = (values: number[], shape: number[]): Tensor => tf.tensor(values, shape, 'int32');

for (const [equation, ...shapes] of [
  ['ij,jk->ik', [2, 3], [3, 4]],
  ['bij,bjk->bik', [2, 2, 3], [2, 3, 2]],
  ['bhqd,bhkd->bhqk', [2, 2, 3, 2], [2, 2, 4, 2]],
  ['ij,ij->', [2, 3], [2, 3]],
  ['ij,kj->ik', [2, 3], [4, 3]],
  ['ij,j->i', [2, 3], [3]],
  ['i,j->ij', [2], [3]],
  ['ij->ji', [2, 3]],
  ['ijk->i', [2, 3, 2]],
  ['ij,->i', [2, 3], []],
] as [string, ...number[][]][]) {
  add(`einsum ${equation}`, shapes, (all) => tf.einsum(equation, ...all));
}
for (const pad of ['same', 'valid'] as const) {
  for (const dilation of [2, [1, 3]] as (number | [number, number])[]) {
    add(
      `conv2d, ${pad}, dilation ${dilation}`,
      [
        [2, 6, 7, 2],
        [2, 2, 2, 3],
      ],
      ([x, f]) => tf.conv2d(four(x), four(f), 1, pad, 'NHWC', dilation),
    );
    add(
      `depthwise, ${pad}, dilation ${dilation}`,
      [
        [2, 6, 7, 2],
        [2, 2, 2, 2],
      ],
      ([x, f]) => tf.depthwiseConv2d(four(x), four(f), 1, pad, 'NHWC', dilation),
    );
  }
  add(`fused conv2d, ${pad}, dilated`, [[1, 6, 6, 2], [3, 3, 2, 2], [2]], ([x, f, b]) =>
    tf.fused.conv2d({
      x: four(x),
      filter: four(f),
      strides: 1,
      pad,
      dilations: [2, 2],
      bias: one(b),
      activation: 'relu',
    }),
  );
  add(
    `conv1d, ${pad}, dilated`,
    [
      [2, 9, 2],
      [3, 2, 2],
    ],
    ([x, f]) => tf.conv1d(three(x), three(f), 1, pad, 'NWC', 2),
  );
  add(
    `conv3d, ${pad}`,
    [
      [1, 4, 4, 3, 2],
      [2, 2, 2, 2, 2],
    ],
    ([x, f]) => tf.conv3d(five(x), five(f), [2, 1, 1], pad),
  );
  for (const stride of [1, 2]) {
    add(`avgPool, ${pad}, stride ${stride}`, [[2, 5, 4, 2]], ([x]) => tf.avgPool(four(x), 3, stride, pad));
    add(`maxPool3d, ${pad}, stride ${stride}`, [[1, 4, 4, 3, 2]], ([x]) => tf.maxPool3d(five(x), 2, stride, pad));
    add(`avgPool3d, ${pad}, stride ${stride}`, [[2, 4, 4, 3, 2]], ([x]) => tf.avgPool3d(five(x), 2, stride, pad));
  }
}
add(
  'conv3d, dilated',
  [
    [1, 5, 4, 4, 2],
    [2, 2, 2, 2, 2],
  ],
  ([x, f]) => tf.conv3d(five(x), five(f), 1, 'same', 'NDHWC', 2),
);
add(
  'conv3dTranspose',
  [
    [1, 2, 3, 2, 2],
    [2, 2, 2, 3, 2],
  ],
  ([x, f]) => tf.conv3dTranspose(five(x), five(f), [1, 4, 6, 4, 3], 2, 'same'),
);
for (const [corners, centred] of [
  [false, false],
  [true, false],
  [false, true],
] as const) {
  for (const size of [
    [5, 7],
    [2, 3],
    [6, 8],
  ] as [number, number][]) {
    const how = `${size}${corners ? ', corners' : ''}${centred ? ', centred' : ''}`;
    add(`resizeNearestNeighbor ${how}`, [[2, 3, 4, 2]], ([x]) =>
      tf.image.resizeNearestNeighbor(four(x), size, corners, centred),
    );
    // The library's own kernels know no gradient of centred pixels but the JavaScript one's.
    add(`resizeBilinear ${how}`, [[2, 3, 4, 2]], ([x]) => tf.image.resizeBilinear(four(x), size, corners, centred));
  }
}
add('where and a comparison', [[3, 4]], ([x]) => tf.where(two(x).greater(0.2), two(x).square(), two(x).mul(3)));
add('where, spread', [[4], [3, 4]], ([x, y]) => tf.where(one(x).less(0), x as Tensor, y as Tensor));
add('logic of comparisons', [[3, 4]], ([x]) =>
  tf.where(two(x).greater(0).logicalAnd(two(x).less(0.5)), two(x).exp(), two(x)),
);
add('what is counted', [[3, 4]], ([x]) => two(x).mul(tf.oneHot(two(x).argMax(1), 4)));
add('clipByValue', [[3, 4]], ([x]) => two(x).clipByValue(-0.3, 0.4));
add('tile', [[2, 1, 3]], ([x]) => three(x).tile([2, 3, 2]));
add('broadcastTo', [[2, 1, 3, 1, 2]], ([x]) => tf.broadcastTo(five(x), [2, 4, 3, 2, 2]));
for (const axis of [0, 1, 2])
  add(`cumsum along ${axis}`, [[2, 3, 4]], ([x]) => three(x).cumsum(axis, axis === 1, axis === 2));
for (const reverse of [false, true]) {
  add(`cumprod, ${reverse}`, [[2, 5]], ([x]) => tf.cumprod(two(x), 1, reverse, reverse), { flat: true });
}
add('prod', [[2, 3, 2]], ([x]) => three(x).prod(1));
add('stridedSlice', [[5, 6, 3]], ([x]) => tf.stridedSlice(three(x), [4, 1, 0], [0, 6, 3], [-2, 2, 1]));
add('stridedSlice, masks', [[5, 6, 3]], ([x]) => tf.stridedSlice(three(x), [1, 0, 1], [4, 0, 0], [1, 3, 1], 2, 6));
add('mirrorPad, reflect', [[3, 4]], ([x]) =>
  tf.mirrorPad(
    two(x),
    [
      [2, 1],
      [1, 3],
    ],
    'reflect',
  ),
);
add('mirrorPad, symmetric', [[3, 4]], ([x]) =>
  tf.mirrorPad(
    two(x),
    [
      [2, 3],
      [0, 4],
    ],
    'symmetric',
  ),
);
add('depthToSpace', [[2, 2, 3, 8]], ([x]) => tf.depthToSpace(four(x), 2));
add('diag', [[2, 3]], ([x]) => tf.diag(two(x)));
add('batchToSpaceND', [[4, 2, 3, 2]], ([x]) =>
  tf.batchToSpaceND(
    four(x),
    [2, 2],
    [
      [0, 1],
      [1, 0],
    ],
  ),
);
add('spaceToBatchND', [[1, 3, 4, 2]], ([x]) =>
  tf.spaceToBatchND(
    four(x),
    [2, 2],
    [
      [1, 0],
      [0, 2],
    ],
  ),
);
add('gather', [[3, 4, 2]], ([x]) => three(x).gather(ids([2, 0, 2], [3]) as Tensor1D, 1));
add('gather, many indices', [[3, 4, 2]], ([x]) => three(x).gather(ids([2, 0, 2, 1], [2, 2]) as Tensor1D, 0));
add('gather in batches', [[2, 4, 3]], ([x]) => three(x).gather(ids([3, 0, 0, 1, 1, 2], [2, 3]) as Tensor1D, 1, 1));
add('gatherND', [[3, 4, 2]], ([x]) => tf.gatherND(three(x), ids([0, 1, 2, 3, 0, 1], [3, 2])));
add('scatterND', [[3, 2]], ([x]) => tf.scatterND(ids([1, 0, 1], [3, 1]), two(x), [4, 2]));
add(
  'tensorScatterUpdate',
  [
    [4, 2],
    [2, 2],
  ],
  ([x, y]) => tf.tensorScatterUpdate(two(x), ids([3, 0], [2, 1]), two(y)),
);
add('topk', [[3, 5]], ([x]) => tf.topk(two(x), 2).values.mul(tf.tensor1d([1, 2])));
add('topk, places', [[3, 5]], ([x]) => tf.topk(two(x), 2).indices, { flat: true });
add('localResponseNormalization', [[2, 2, 3, 6]], ([x]) => tf.localResponseNormalization(four(x), 2, 1, 0.7, 0.6));
add(
  'atan2',
  [
    [3, 4],
    [3, 4],
  ],
  ([a, b]) => tf.atan2(two(a), two(b).add(0.31)),
);
add('gelu', [[3, 4]], ([x]) => two(x).mul(two(x).div(Math.SQRT2).erf().add(1)).mul(0.5));
add('logSumExp', [[3, 4]], ([x]) => two(x).logSumExp(1));
add('flipLeftRight', [[2, 3, 4, 1]], ([x]) => tf.image.flipLeftRight(four(x)), { flat: true });
add(
  'cropAndResize',
  [[2, 6, 6, 2]],
  ([x]) =>
    tf.image.cropAndResize(
      four(x),
      tf.tensor2d([
        [0.1, 0.2, 0.9, 0.8],
        [0, 0, 1.2, 1],
      ]),
      ids([1, 0], [2]) as Tensor1D,
      [3, 4],
    ),
  { flat: true },
);
add('known numbers', [[5]], ([x]) =>
  one(x)
    .mul(tf.range(5, 0, -1))
    .add(tf.linspace(0, 1, 5))
    .add(tf.fill([5], 2)),
);
add('numbers that are finite', [[3, 4]], ([x]) => two(x).div(two(x).round()).isFinite(), { flat: true });
for (const side of ['left', 'right'] as const) {
  add(
    `searchSorted, ${side}`,
    [[2, 4]],
    ([x]) =>
      tf.searchSorted(
        tf.tensor2d([
          [-1, 0, 0.013, 1],
          [-2, -0.3, 0.5, 2],
        ]),
        two(x),
        side,
      ),
    { flat: true },
  );
}
add('sparseToDense', [[3]], ([x]) => tf.sparseToDense(ids([0, 2, 4], [3]), one(x), [6], tf.scalar(0.5)), {
  flat: true,
});
add('denseBincount', [[2, 5]], ([x]) => tf.denseBincount(two(two(x).abs().mul(4).toInt()), two(tf.zeros([0])), 5), {
  flat: true,
});
const energy = (x: Tensor): Tensor =>
  tf
    .abs(x)
    .square()
    .mul(tf.range(1, (x.shape.at(-1) ?? 1) + 1));
add('rfft', [[2, 8]], ([x]) => energy(tf.spectral.rfft(two(x))), { complex: true });
add('rfft, odd', [[2, 5]], ([x]) => tf.imag(tf.spectral.rfft(two(x))), { complex: true });
add('fft', [[4], [4]], ([a, b]) => energy(tf.spectral.fft(tf.complex(one(a), one(b)))), { complex: true });
add('ifft', [[6], [6]], ([a, b]) => tf.real(tf.spectral.ifft(tf.complex(one(a), one(b)))), { complex: true });
add(
  'a filter by frequency',
  [[8]],
  ([x]) => {
    const seen = tf.spectral.rfft(one(x));
    return tf.spectral.irfft(seen.mul(tf.complex([1, 0.5, 0, 0.2, 0], [0, 0.1, 0, 0.3, 0])));
  },
  { complex: true },
);
for (const length of [1, 2, 3, 300, 1031] as const) {
  add(
    `fft of ${length}`,
    [
      [2, length],
      [2, length],
    ],
    ([a, b]) => {
      const seen = tf.spectral.fft(tf.complex(two(a).div(length), two(b).div(length)));
      return tf.real(seen).add(tf.imag(seen).mul(2));
    },
    { complex: true },
  );
}
add('irfft of an rfft, cut to a length', [[2, 3, 9]], ([x]) => tf.spectral.irfft(tf.spectral.rfft(three(x), 8)), {
  complex: true,
});
add(
  'sums and differences of complex numbers',
  [[3], [3]],
  ([a, b]) => {
    const [left, right] = [tf.complex(one(a), one(b)), tf.complex(one(b), one(a).mul(2))];
    const all = left.add(right).sub(right.mul(left)).sub(tf.zerosLike(left)).reshape([3, 1]);
    return tf.real(all).add(tf.imag(all).mul(3));
  },
  { complex: true },
);
