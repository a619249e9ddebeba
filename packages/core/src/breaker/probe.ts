/** A probe is what a half-open circuit breaker lets in; a shot that it plays itself, on the same circuit, belongs to it. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { processWide } from '../process-wide.js';

/** One that is played. */
export interface Probe {
  readonly circuit: object;
  /** The one that plays it: of the same circuit, or of another. */
  readonly outer: Probe | undefined;
}

/** Those that are played in the rounds that their circuits are in, and their async context; of all copies of this package, as the circuits are. */
const { played, context } = processWide('probes', () => ({
  played: new Set<Probe>(),
  context: new AsyncLocalStorage<Probe>(),
}));

export function beginProbe(circuit: object): Probe {
  const probe = { circuit, outer: context.getStore() };
  played.add(probe);
  return probe;
}

/** Whatever `play` begins is part of the probe, until that ends. */
export function withinProbe<T>(probe: Probe, play: () => T): T {
  return context.run(probe, play);
}

/** Whether whoever asks is part of a probe of this circuit. */
export function isInProbe(circuit: object): boolean {
  for (let probe = context.getStore(); probe !== undefined; probe = probe.outer) {
    if (probe.circuit === circuit && played.has(probe)) return true;
  }
  return false;
}

export function endProbe(probe: Probe): void {
  played.delete(probe);
  // While it is on, Node 20 and 22 tell it of every promise of the process.
  if (played.size === 0) context.disable();
}

/** Ends those of a circuit whose round is over: one that hangs must not keep the context on. */
export function endProbes(circuit: object): void {
  for (const one of played) if (one.circuit === circuit) endProbe(one);
}
