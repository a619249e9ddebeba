import { pocket, shot } from '@carom/core';
import { expect, test } from '@jest/globals';
import { caught } from './scenario.js';

const fails = (): never => {
  throw new Error('down');
};
/** A fallback with a bug: the error has no body. */
const buggy = (error: unknown): string =>
  (error as { readonly body: { readonly title: string } }).body.title;

test('a bug in a fallback reaches the caller, whatever pockets follow', async () => {
  const error = await caught(pocket(fails, buggy).pocket('fallback'));
  expect(error).toBeInstanceOf(TypeError);
  expect((error as Error).message).toContain('title');
});

test('a bug in a fallback is not played again by a shot around it', async () => {
  let played = 0;
  const action = (): Promise<string> => {
    played += 1;
    return pocket(fails, buggy);
  };
  expect(await caught(shot(action, { baseDelay: 0 }))).toBeInstanceOf(TypeError);
  expect(played).toBe(1);
});

test('a failed fetch of a fallback is none', async () => {
  const failed = (): never => {
    throw new TypeError('fetch failed', { cause: new Error('ECONNREFUSED') });
  };
  expect(await pocket(fails, failed).pocket('fallback')).toBe('fallback');
});

test('a bug that is known by its name alone gets the first error as its cause', async () => {
  const misspelt = (): never => {
    throw new ReferenceError('chached is not defined');
  };
  const error = await caught(pocket(fails, misspelt).pocket('fallback'));
  expect(error).toMatchObject({ name: 'ReferenceError', cause: { message: 'down' } });
});

test('an error of a fallback that cannot be looked at is thrown as it is', async () => {
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {});
  revoke();
  const played = pocket(fails, () => {
    throw proxy;
  });
  const isSame = await played.then(
    () => false,
    (error: unknown) => error === proxy,
  );
  expect(isSame).toBe(true);
});

test('a fallback that begins when it is asked is not begun where it is not needed', async () => {
  let began = 0;
  // As the query of the package `postgres` is.
  class Query extends Promise<string> {
    // biome-ignore lint/suspicious/noThenProperty: that is what is wrong with it.
    override then(...handlers: unknown[]): never {
      began += 1;
      return super.then(...(handlers as [])) as never;
    }
  }
  const query = new Query((done) => done('row'));
  expect(await pocket(() => 'fine', query)).toBe('fine');
  expect(await pocket(() => 'fine', new Proxy(Promise.resolve('row'), {}))).toBe('fine');
  expect(began).toBe(0);
});
