import { describe, expect, test } from '@jest/globals';
import { createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { withSpan } from '../src/with-span.js';

const span = (spanId: string) =>
  trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId, traceFlags: 1 });
const first = span('1'.repeat(16));
const second = span('2'.repeat(16));
const key = createContextKey('of another instrumentation');

describe('a context with a span in it', () => {
  test('has the span, and all that the one around it has', () => {
    const around = ROOT_CONTEXT.setValue(key, 'baggage');
    const made = withSpan(around, first);
    expect(trace.getSpan(made)).toBe(first);
    expect(made.getValue(key)).toBe('baggage');
    expect(trace.getSpan(around)).toBeUndefined();
  });

  test('is changed by nobody: another span, another value, and without them', () => {
    const made = withSpan(ROOT_CONTEXT, first);
    const other = trace.setSpan(made, second);
    const more = made.setValue(key, 1);
    expect(trace.getSpan(other)).toBe(second);
    expect([trace.getSpan(more), more.getValue(key)]).toEqual([first, 1]);
    expect([trace.getSpan(made), made.getValue(key)]).toEqual([first, undefined]);
    expect(trace.getSpan(trace.deleteSpan(more))).toBeUndefined();
    expect(trace.deleteSpan(more).getValue(key)).toBe(1);
    expect([trace.getSpan(more.deleteValue(key)), more.deleteValue(key).getValue(key)]).toEqual([
      ...[first, undefined],
    ]);
  });

  test('takes the place of the one before it: a shot after the other makes no chain', () => {
    let made = withSpan(ROOT_CONTEXT, first);
    // Were it one, it would be as deep as there were shots.
    for (let n = 0; n < 100_000; n++) made = withSpan(made, second);
    expect(made.getValue(key)).toBeUndefined();
    expect(trace.getSpan(made)).toBe(second);
  });
});
