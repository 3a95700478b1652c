/**
 * What of the library is loaded when it is first called: a notebook that draws a chart need not wait for the training
 * engine. Only for functions that give a promise anyway.
 */

/** One training step of any model; see `compile/compile.ts`. */
export const compile: typeof import('./compile/compile.ts')['compile'] = async (...given) =>
  (await import('./compile/compile.ts')).compile(...given);

/** Figures over many batches, without training; see `compile/evaluate.ts`. */
export const compileEvaluate: typeof import('./compile/evaluate.ts')['compileEvaluate'] = async (...given) =>
  (await import('./compile/evaluate.ts')).compileEvaluate(...given);

/** A function of tensors to a scalar, with its gradients; see `compile/gradient.ts`. */
export const compileGrad: typeof import('./compile/gradient.ts')['compileGrad'] = async (...given) =>
  (await import('./compile/gradient.ts')).compileGrad(...given);

/** Predictions of a model; see `compile/predict.ts`. */
export const compilePredict: typeof import('./compile/predict.ts')['compilePredict'] = async (...given) =>
  (await import('./compile/predict.ts')).compilePredict(...given);

/** Writes a model as ONNX; see `onnx/export.ts`. */
export const exportOnnx: typeof import('./onnx/export.ts')['exportOnnx'] = async (...given) =>
  (await import('./onnx/export.ts')).exportOnnx(...given);

/** Trains a model on data; see `fit/fit.ts`. */
export const fit: typeof import('./fit/fit.ts')['fit'] = async (...given) =>
  (await import('./fit/fit.ts')).fit(...given);

/** Reads a model, or weights into one; see `model-files/load.ts`. */
export const load: typeof import('./model-files/index.ts')['load'] = async (...given) =>
  (await import('./model-files/index.ts')).load(...given);

/** Writes a model to a file; see `model-files/save.ts`. */
export const save: typeof import('./model-files/index.ts')['save'] = async (...given) =>
  (await import('./model-files/index.ts')).save(...given);
