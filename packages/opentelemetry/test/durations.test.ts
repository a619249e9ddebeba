import { describe, expect, test } from '@jest/globals';
import { type Attributes, type Context, type Histogram, ROOT_CONTEXT } from '@opentelemetry/api';
import { Durations } from '../src/durations.js';

/** A histogram that keeps what is recorded. */
function histogram() {
  const recorded: (readonly [number, Attributes | undefined, Context | undefined])[] = [];
  const kept: Histogram = { record: (...all) => void recorded.push(all as never) };
  return { kept, recorded };
}

describe('durations', () => {
  test('are recorded when somebody collects, once, in their order and with what belongs to each', () => {
    const { kept, recorded } = histogram();
    const durations = new Durations();
    durations.add(1, { a: 1 }, ROOT_CONTEXT, kept);
    durations.add(2, { a: 2 }, undefined, kept);
    expect(recorded).toEqual([]);
    durations.record(kept);
    durations.record(kept);
    expect(recorded).toEqual([
      [1, { a: 1 }, ROOT_CONTEXT],
      [2, { a: 2 }, undefined],
    ]);
  });

  test('are recorded when there are many: where nobody collects they do not pile up', () => {
    const { kept, recorded } = histogram();
    const durations = new Durations();
    for (let n = 0; n < 1_000; n++) durations.add(n, {}, undefined, kept);
    expect(recorded).toHaveLength(768);
    durations.record(kept);
    expect(recorded.map(([seconds]) => seconds)).toEqual(
      Array.from({ length: 1_000 }, (_, n) => n),
    );
  });
});
