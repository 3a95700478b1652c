/**
 * After each timer and callback Node takes the last element off an array of its own, by whatever method arrays have then.
 * A cell that has broken it would make every timer fail, the kernel's own among them, for ever.
 */
import { AsyncResource } from 'node:async_hooks';
import { fasten } from './intrinsics.ts';

/** Gives that array its `pop` for good. To be called before any cell runs. */
export function keepAsyncStack(): void {
  const { prototype } = Array;
  const { pop } = prototype;
  const { apply } = Reflect;
  let stack: unknown[] | undefined;
  // Nobody hands the array out, but it can be seen while it is used.
  prototype.pop = function seen(this: unknown[]) {
    stack ??= this;
    return apply(pop, this, []);
  };
  try {
    new AsyncResource('Trialroom').runInAsyncScope(() => {});
  } finally {
    prototype.pop = pop;
  }
  if (stack) fasten(stack, ['pop']);
}
