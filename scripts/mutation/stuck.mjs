// A test whose promise nothing can settle any more fails, instead of costing the mutant's whole time and a new process.
import { performance } from 'node:perf_hooks';

// From the start, before a test puts its own in their place.
const { setInterval, clearInterval } = globalThis;

// What the event loop has waited for, not the time that went by: a busy machine is no reason. Manual clocks wait for nothing.
const patience = 500;
const look = 50;

/** Ends with the test; or fails, once there has been nothing to do for it for 500 ms together. */
export function unlessStuck(test) {
  if (typeof test?.then !== 'function') return test;
  return new Promise((resolve, reject) => {
    const { idle } = performance.eventLoopUtilization();
    const timer = setInterval(() => {
      if (performance.eventLoopUtilization().idle - idle < patience) return;
      clearInterval(timer);
      reject(new Error('stuck: nothing is left that could end this test'));
    }, look);
    test.then(resolve, reject).finally(() => clearInterval(timer));
  });
}
