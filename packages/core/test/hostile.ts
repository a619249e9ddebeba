/** Values that resist being looked at: what an action may throw or return all the same. */

/** What the traps of a hostile value throw. */
export const trap = new Error('of the trap');

export const refuse = (): never => {
  throw trap;
};

/** A proxy of which nothing can be asked. */
export function hostileProxy(target: object = {}): object {
  const traps = Object.getOwnPropertyNames(Reflect).map((name) => [name, refuse]);
  return new Proxy(target, Object.fromEntries(traps) as ProxyHandler<object>);
}

/** An error with a getter that throws. */
export function withGetter(name: string, error: object = new Error('boom')): object {
  return Object.defineProperty(error, name, { get: refuse, configurable: true });
}
