// `@jest/globals` on Mocha, out of jest's own parts: Mocha keeps its tests loaded from one mutant to the next, which jest does not.
import { ModernFakeTimers } from '@jest/fake-timers';
import { bind } from 'jest-each';
import { fn, ModuleMocker, spyOn } from 'jest-mock';
import { unlessStuck } from './stuck.mjs';

export { expect } from 'expect';

const within = globalThis;
const mocker = new ModuleMocker(within);
let timers;

const once = (title, play) => within.it(title, () => unlessStuck(play()));

/** Mocha has the words only while it loads a file, and others for each. */
export const describe = Object.assign((...args) => within.describe(...args), {
  each: bind((...args) => within.describe(...args), false),
  skip: (...args) => within.describe.skip(...args),
});
export const test = Object.assign((title, play) => once(title, play), {
  each: bind(once, false),
  skip: (...args) => within.it.skip(...args),
});
export const beforeAll = (play) => within.before(play);
export const afterAll = (play) => within.after(play);
export const beforeEach = (play) => within.beforeEach(play);
export const afterEach = (play) => within.afterEach(play);

export const jest = {
  fn,
  spyOn,
  restoreAllMocks: () => mocker.restoreAllMocks(),
  // All files share their modules here.
  resetModules: () => {},
  useFakeTimers(config) {
    timers ??= new ModernFakeTimers({ config: { fakeTimers: {} }, global: within });
    timers.useFakeTimers(config);
  },
  useRealTimers: () => timers?.useRealTimers(),
  advanceTimersByTime: (ms) => timers.advanceTimersByTime(ms),
  getTimerCount: () => timers.getTimerCount(),
};
