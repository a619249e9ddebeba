/** The completion watch on the wire of a client, which the driver and others may listen on too. */
import { EventEmitter } from 'node:events';
import { expect, jest, test } from '@jest/globals';
import { completions, watchClient } from '../../src/connection/completion.js';

const event = 'commandComplete';

function watched(listeners: readonly ((message: unknown) => void)[]) {
  const wire = new EventEmitter();
  for (const listener of listeners) wire.on(event, listener);
  const client = Object.assign(new EventEmitter(), { connection: wire });
  watchClient(client);
  watchClient(client);
  return { wire, client };
}

test.each([0, 1, 2])('counts beside %d listeners, who hear the same as before', (others) => {
  const heard = Array.from({ length: others }, () => jest.fn());
  const { wire, client } = watched(heard);
  wire.emit(event, 'SELECT 1');
  wire.emit(event, 'SELECT 2');
  expect(completions(client)).toBe(2);
  for (const listener of heard) expect(listener.mock.calls).toEqual([['SELECT 1'], ['SELECT 2']]);
});

test('adds none to the one that the driver has, which is found and taken off as before', () => {
  const driver = jest.fn();
  const { wire } = watched([driver]);
  expect(wire.listeners(event)).toEqual([driver]);
  wire.off(event, driver);
  wire.emit(event);
  expect(driver).not.toHaveBeenCalled();
});

test('counts what was complete although the driver could not take it', () => {
  const { wire, client } = watched([
    () => {
      throw new Error('unexpected');
    },
  ]);
  expect(() => wire.emit(event)).toThrow('unexpected');
  expect(completions(client)).toBe(1);
});

test('a client whose wire cannot be heard is watched for errors all the same', () => {
  const client = Object.assign(new EventEmitter(), { connection: undefined });
  watchClient(client);
  expect(completions(client)).toBe(0);
  expect(client.emit('error', new Error('lost'))).toBe(true);
});
