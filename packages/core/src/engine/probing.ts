/** Probing is playing an attempt that a half-open cushion (circuit breaker) has let in. */
import type { Circuit } from '../breaker/circuit.js';
import { beginProbe, endProbe, withinProbe } from '../breaker/probe.js';
import type { Permit } from '../parking.js';
import { isThenable, nativePromise } from './native-promise.js';

type Play<T> = () => T | PromiseLike<T>;

/** Plays the attempt of a permit: as a probe, where it is one. */
export function playPermitted<T>(
  circuit: Circuit | undefined,
  permit: Permit,
  play: Play<T>,
): T | PromiseLike<T> {
  // A permit of an earlier round is no probe's: it has waited for something else, perhaps.
  const isProbe = circuit?.state === 'half-open' && circuit.isCurrent(permit);
  return isProbe ? playProbe(circuit, play) : play();
}

/** Shots inside it, on the same circuit, are let in too: else it would fail for want of itself. */
function playProbe<T>(circuit: Circuit, play: Play<T>): T | PromiseLike<T> {
  const probe = beginProbe(circuit);
  const end = (): void => endProbe(probe);
  try {
    const value = withinProbe(probe, play);
    if (isThenable(value)) {
      // What is lazy must not be begun twice.
      const promise = nativePromise(value);
      promise.then(end, end);
      return promise;
    }
    end();
    return value;
  } catch (error) {
    end();
    throw error;
  }
}
