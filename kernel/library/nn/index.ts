/**
 * Neural networks: what people expect on top of TensorFlow.js's layers. Everything here makes ordinary layers and
 * models of that library, which train compiled, are saved and loaded, and mix with layers of its own.
 */
export {
  type ActivationName,
  activation,
  type ConvBlockOptions,
  convBlock1d,
  convBlock2d,
  gelu,
  type NormName,
  norm,
  type ResidualOptions,
  residual,
  type SqueezeExciteOptions,
  silu,
  squeezeExcite,
} from './blocks/convolution.ts';
export { type EmbeddingOptions, embedding } from './blocks/embedding.ts';
export { gru, lstm, type RecurrentOptions } from './blocks/recurrent.ts';
export { type ResnetOptions, resnet1d, resnet2d } from './blocks/residual-network.ts';
export { type TransformerOptions, transformerDecoder, transformerEncoder } from './blocks/transformer.ts';
export { initializers, type SeededInitializers } from './initializers.ts';
export { type AttentionOptions, multiHeadAttention } from './layers/attention.ts';
export type { Layer, LayerOptions } from './layers/layer.ts';
export {
  type GroupNormOptions,
  groupNorm,
  layerNorm,
  type NormOptions,
  rmsNorm,
} from './layers/normalization.ts';
export { type Pooling, type PoolingOptions, sequencePooling } from './layers/pooling.ts';
export {
  type LearnedPositionOptions,
  learnedPosition,
  type RotaryPositionOptions,
  rotaryPosition,
  sinusoidalPosition,
} from './layers/position.ts';
export { type Flops, flops, type LayerFlops } from './measure/flops.ts';
export { type ParameterCount, parameters } from './measure/parameters.ts';
export { type LayerSummary, type ModelSummary, type SummaryOptions, summary } from './measure/summary.ts';
export { type InputSpec, type ModelSpec, model } from './model.ts';
export {
  type Block,
  type BuildOptions,
  concatenate,
  dense,
  type InputOptions,
  input,
  type Part,
  type SingleModel,
  sequential,
} from './parts.ts';
