/**
 * Puts the tensor engine in order after an interrupt. Stopping a program anywhere leaves what it was inside of open:
 * scopes that would collect every later tensor, a gradient tape that would record every later operation. Between
 * executions none of these may be open, so all are closed; tensors of the open scopes are freed, variables
 * stay. At most the tensors of the one operation that was cut off are lost.
 */
import type { TensorFlow } from './tensorflow.ts';

/** Call when no tensor code is running. Does nothing to an engine that is in order. */
export function recover(tf: TensorFlow): void {
  const { state } = tf.engine();
  // What operations set aside for their gradients belongs to the tape, not to a scope.
  for (const { saved } of state.activeTape ?? []) {
    for (const tensor of saved ?? []) if (!tensor.isDisposed) tensor.dispose();
  }
  while (state.scopeStack.length > 0) tf.engine().endScope();
  state.gradientDepth = 0;
  state.kernelDepth = 0;
  Reflect.set(state, 'activeTape', null);
  Reflect.set(state, 'activeScope', null);
}
