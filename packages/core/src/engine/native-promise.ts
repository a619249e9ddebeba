/** Foreign thenables: what an action returns is made a native promise, which settles once and calls one handler. */

// Held from the start: the records of the fast path are used again as soon as a handler was called.
const { then } = Promise.prototype;

/**
 * The same promise where it is a plain native one; else one that follows it, however it misbehaves. What only looks like a
 * native one, as a proxy does, comes back as it is: its `then` throws, before it has heard of a handler.
 */
export function nativePromise<T>(played: T | PromiseLike<T>): Promise<T> {
  return played instanceof Promise && played.constructor === Promise && played.then === then
    ? played
    : follow(played);
}

/** A promise that follows it. Apart, since a closure over an argument costs an allocation in every call. */
export function follow<T>(played: T | PromiseLike<T>): Promise<T> {
  return new Promise((resolve) => resolve(played));
}

/** Whether it is to be awaited, as a native promise or otherwise. */
export function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  const holds = typeof value === 'object' ? value !== null : typeof value === 'function';
  return holds && typeof (value as { then?: unknown }).then === 'function';
}
