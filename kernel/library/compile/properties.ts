/** Functions with properties, whose getters stay getters. */
export function withProperties<F extends object, P extends object>(target: F, properties: P): F & P;
export function withProperties(target: object, properties: object): object {
  return Object.defineProperties(target, Object.getOwnPropertyDescriptors(properties));
}
