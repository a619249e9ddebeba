import { EventEmitter } from 'node:events';
import { scoreboard } from '@carom/postgres';
import { describe, expect, test } from '@jest/globals';
import type { Builder } from '../src/internals.js';
import { untraced } from '../src/untraced.js';

const key = Symbol('opentelemetry.instrumentation-knex.context');

/** A builder as the instrumentation of Knex leaves it. */
function builder(): Builder & EventEmitter & { readonly [key]?: unknown } {
  const made = Object.assign(new EventEmitter(), { _method: 'select' });
  Object.defineProperty(made, key, { value: 'where it was made' });
  return made as never;
}

describe('an untraced builder', () => {
  test('has forgotten the context that it was made in, and nothing else', () => {
    using _ = scoreboard.around((_event, play) => play());
    const made = builder();
    const seen = untraced(made) as typeof made;
    expect([seen[key], seen._method]).toEqual([undefined, 'select']);
    expect(made[key]).toBe('where it was made');
  });

  test('tells the listeners of the builder, and by the builder itself', () => {
    using _ = scoreboard.around((_event, play) => play());
    const made = builder();
    const heard: unknown[] = [];
    made.once('query', function (this: unknown, ...told: unknown[]) {
      heard.push(this === made, ...told);
    });
    const seen = untraced(made);
    seen.emit('query', 1, 2);
    seen.emit('query', 3);
    expect(heard).toEqual([true, 1, 2]);
  });

  test('is the builder itself where no tracer stands around attempts, or nobody has traced it', () => {
    const made = builder();
    expect(untraced(made)).toBe(made);
    using _ = scoreboard.around((_event, play) => play());
    const plain = new EventEmitter() as never;
    expect(untraced(plain)).toBe(plain);
  });
});
