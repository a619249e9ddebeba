/** Samples of what a process holds, and whether it grows. */

/** One look, after a full collection. */
export interface Sample {
  /** Seconds since the start. */
  readonly at: number;
  /** Bytes. */
  readonly heap: number;
  /** Timers, sockets and the like that keep the process alive. */
  readonly resources: number;
}

/** Looks now. @throws where node was started without --expose-gc. */
export function look(at: number): Sample {
  const { gc } = globalThis as { gc?: () => void };
  if (gc === undefined) throw new Error('start node with --expose-gc');
  gc();
  return {
    at,
    heap: process.memoryUsage().heapUsed,
    resources: process.getActiveResourcesInfo().length,
  };
}

/**
 * Growth of the heap from the second quarter to the last, in bytes, each by its lowest look: what is on
 * its way weighs up to 5 MB, more or less of it at each look, and what leaks stays at the lowest too.
 */
export function growth(samples: readonly Sample[]): number {
  const lowest = (from: number, to: number): number => {
    const part = samples.slice(samples.length * from, samples.length * to);
    return Math.min(...part.map((sample) => sample.heap));
  };
  return lowest(0.75, 1) - lowest(0.25, 0.5);
}
