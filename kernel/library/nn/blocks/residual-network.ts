/** Residual networks (He et al. 2016) for signals and pictures. */
import { loadTensorFlow } from '../../../backend/tensorflow.ts';
import { type Block, type BuildOptions, input, type Part, type SingleModel, sequential } from '../parts.ts';
import { type ConvBlockOptions, convBlock1d, convBlock2d, residual, squeezeExcite } from './convolution.ts';

/** How many blocks each of the four stages has, and whether they are bottlenecks, by depth in layers. */
const DEPTHS = {
  10: { blocks: [1, 1, 1, 1], bottleneck: false },
  18: { blocks: [2, 2, 2, 2], bottleneck: false },
  34: { blocks: [3, 4, 6, 3], bottleneck: false },
  50: { blocks: [3, 4, 6, 3], bottleneck: true },
  101: { blocks: [3, 4, 23, 3], bottleneck: true },
} as const;

/** Options of {@link resnet1d} and {@link resnet2d}. */
export interface ResnetOptions extends BuildOptions {
  /** Shape of one example: `[steps, channels]` or `[height, width, channels]`. */
  input: readonly number[];
  /** How many classes there are; the model ends in their probabilities. */
  classes: number;
  /** Layers with weights; 18 when not given. */
  depth?: keyof typeof DEPTHS;
  /** Channels of the first stage, doubled from stage to stage; 64 when not given. */
  width?: number;
  /** `large`: window of 7, stride 2 and pooling first; `small`: window of 3. By the input's size when not given. */
  stem?: 'large' | 'small';
  /** Whether each block ends in {@link squeezeExcite}; false when not given. */
  squeezeExcite?: boolean;
  /** Whether blocks begin as nothing but their shortcuts, which trains deep ones better (Goyal et al. 2017); true when not given. */
  zero?: boolean;
}

/** A residual network over `[steps, channels]`, such as signals. @throws RangeError when the input has another shape */
export const resnet1d = (options: ResnetOptions): SingleModel => resnet(options, 1);

/** A residual network over `[height, width, channels]`. @throws RangeError when the input has another shape */
export const resnet2d = (options: ResnetOptions): SingleModel => resnet(options, 2);

function resnet(options: ResnetOptions, dimensions: 1 | 2): SingleModel {
  const { input: shape, classes, depth = 18, width = 64, zero = true } = options;
  if (shape.length !== dimensions + 1) {
    const wanted = dimensions === 1 ? '[steps, channels]' : '[height, width, channels]';
    throw new RangeError(`resnet${dimensions}d: the input is [${shape}], not ${wanted}`);
  }
  const { layers } = loadTensorFlow();
  const conv = dimensions === 1 ? convBlock1d : convBlock2d;
  const large = (options.stem ?? ((shape[0] ?? 0) > 64 ? 'large' : 'small')) === 'large';
  const pool = { poolSize: 3, strides: 2, padding: 'same' as const };
  const { blocks, bottleneck } = DEPTHS[depth];
  const branch = (filters: number, stride: number): Part[] => {
    const convolutions: ConvBlockOptions[] = bottleneck
      ? [
          { filters, kernel: 1 },
          { filters, stride },
          { filters: filters * 4, kernel: 1, activation: 'none', zero },
        ]
      : [
          { filters, stride },
          { filters, activation: 'none', zero },
        ];
    return [...convolutions.map(conv), ...(options.squeezeExcite ? [squeezeExcite()] : [])];
  };
  const stages = blocks.flatMap((count, stage): Block[] =>
    Array.from({ length: count }, (_, index) =>
      residual(branch(width * 2 ** stage, index === 0 && stage > 0 ? 2 : 1), { activation: 'relu' }),
    ),
  );
  return sequential(
    [
      input([...shape]),
      conv(large ? { filters: width, kernel: 7, stride: 2 } : { filters: width }),
      ...(large ? [dimensions === 1 ? layers.maxPooling1d(pool) : layers.maxPooling2d(pool)] : []),
      ...stages,
      dimensions === 1 ? layers.globalAveragePooling1d({}) : layers.globalAveragePooling2d({}),
      layers.dense({ units: classes, activation: 'softmax' }),
    ],
    options,
  );
}
