// Jest plays many files in one process. What a file has put into an AsyncLocalStorage is never asked for once the file is over, but Node 20 and
// 22 go on giving it to each new promise: on a new machine, where they come last, the simulated outages took 74 and 78 s in place of 6 and 7.
import { AsyncLocalStorage } from 'node:async_hooks';

const { prototype } = AsyncLocalStorage;
const used = Symbol.for('carom:test:storages');

// Of the process, as Node's own modules are: a file has its own globals.
if (prototype[used] === undefined) {
  Object.defineProperty(prototype, used, { value: new Set() });
  for (const name of ['run', 'enterWith']) {
    const method = prototype[name];
    prototype[name] = function (...args) {
      prototype[used].add(this);
      return method.apply(this, args);
    };
  }
}
for (const storage of prototype[used]) storage.disable();
prototype[used].clear();
