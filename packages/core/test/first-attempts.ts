/** What an action may do at its first attempt, however odd, and which attempt the shot then ends with. */
import { runInNewContext } from 'node:vm';
import { hostileProxy, withGetter } from './hostile.js';

type Callbacks = [done: (value: unknown) => void, failed: (error: unknown) => void];

/** A thenable that is not a promise. */
const thenable = (...then: readonly [(...callbacks: Callbacks) => void]): unknown => ({
  // biome-ignore lint/suspicious/noThenProperty: a thenable is what is tested
  then: then[0],
});

class Twice extends Promise<unknown> {
  // biome-ignore lint/suspicious/noThenProperty: its own `then` is what is tested
  override then<A, B>(
    done?: ((value: unknown) => A | PromiseLike<A>) | null,
    failed?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    void super.then(done, failed);
    return super.then(done, failed);
  }
}

const ownThen = (...then: readonly [(...callbacks: Callbacks) => void]): unknown =>
  Object.defineProperty(Promise.resolve('of the promise'), 'then', { value: then[0] });

export const boom = new Error('boom');
const callable = (...[done]: Callbacks): void => done('first');

/** What the first attempt does, and which attempt the shot ends with. */
export const firsts: readonly (readonly [string, () => unknown, 'first' | 'second'])[] = [
  ['returns a value', () => 'first', 'first'],
  ['is async', async () => 'first', 'first'],
  ['returns a promise that is fulfilled', () => Promise.resolve('first'), 'first'],
  ['returns a promise that is fulfilled later', () => turns(3).then(() => 'first'), 'first'],
  ['returns a frozen promise', () => Object.freeze(Promise.resolve('first')), 'first'],
  [
    'throws at once',
    () => {
      throw boom;
    },
    'second',
  ],
  ['returns a promise that is rejected', () => Promise.reject(boom), 'second'],
  [
    'returns a promise that is rejected later',
    () => turns(3).then(() => Promise.reject(boom)),
    'second',
  ],
  [
    'returns a thenable that is fulfilled at once',
    () => thenable((done) => done('first')),
    'first',
  ],
  [
    'returns a thenable that is fulfilled later',
    () => thenable((done) => void turns(3).then(() => done('first'))),
    'first',
  ],
  ['returns a thenable that is rejected', () => thenable((_, failed) => failed(boom)), 'second'],
  [
    'returns a thenable that is fulfilled twice',
    () => thenable((done) => [done('first'), done('again')]),
    'first',
  ],
  [
    'returns a thenable that is fulfilled, then rejected',
    () => thenable((done, failed) => [done('first'), failed(boom)]),
    'first',
  ],
  [
    'returns a thenable that is rejected, then fulfilled',
    () => thenable((done, failed) => [failed(boom), done('again')]),
    'second',
  ],
  [
    'returns a thenable that is rejected twice',
    () => thenable((_, failed) => [failed(boom), failed(new TypeError('again'))]),
    'second',
  ],
  [
    'returns a thenable that is fulfilled again after the shot is over',
    () => thenable((done) => [done('first'), void turns(9).then(() => done('again'))]),
    'first',
  ],
  [
    'returns a thenable that throws after it is fulfilled',
    () =>
      thenable((done) => {
        done('first');
        throw boom;
      }),
    'first',
  ],
  [
    'returns a thenable that throws',
    () =>
      thenable(() => {
        throw boom;
      }),
    'second',
  ],
  [
    'returns a thenable that is fulfilled with another, later',
    () => thenable((done) => void turns(3).then(() => done(thenable((next) => next('first'))))),
    'first',
  ],
  [
    'returns a thenable that is fulfilled with one that is rejected',
    () => thenable((done) => done(thenable((_, failed) => failed(boom)))),
    'second',
  ],
  [
    'returns a function with a `then`',
    () => Object.defineProperty(() => 'of the function', 'then', { value: callable }),
    'first',
  ],
  ['returns an object with a `then` that cannot be read', () => withGetter('then', {}), 'second'],
  ['returns a promise of a subclass that calls back twice', () => Twice.resolve('first'), 'first'],
  ['returns such a promise that is rejected', () => Twice.reject(boom), 'second'],
  [
    'returns a promise with a `then` of its own that calls back twice',
    () => ownThen((done) => [done('first'), done('again')]),
    'first',
  ],
  [
    'returns a promise with a `then` of its own that throws',
    () =>
      ownThen(() => {
        throw boom;
      }),
    'second',
  ],
  [
    'returns a promise with a constructor of its own',
    () => Object.assign(Promise.resolve('first'), { constructor: Twice }),
    'first',
  ],
  [
    'returns a promise with a constructor that cannot be read',
    () => withGetter('constructor', Promise.resolve('first')),
    'second',
  ],
  [
    'returns a promise of another realm',
    () => runInNewContext('Promise.resolve("first")'),
    'first',
  ],
  ['returns a rejected one', () => runInNewContext('Promise.reject(new Error("boom"))'), 'second'],
  ['returns a proxy of which nothing can be asked', () => hostileProxy(), 'second'],
];

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}
