/** What a test has set up is taken down after it, in that order, and the API's globals with it. */
import { afterEach } from '@jest/globals';
import { context, trace } from '@opentelemetry/api';

/** What to do after the test. */
export const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  trace.disable();
  context.disable();
});
