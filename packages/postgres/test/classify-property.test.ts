/** Properties of every verdict, over errors and contexts made at random. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { classify, type FailureContext, type Phase } from '../src/classify/classify.js';
import { cases, shapesOf } from './error-cases.js';
import {
  asKnex,
  databaseError,
  driverAdapterError,
  prismaWrapped,
  systemError,
} from './error-shapes.js';

const kinds = ['contention', 'outage', 'overload', 'stale', 'permanent', 'cancelled'];
const outcomes = ['not-executed', 'rolled-back', 'unknown'];
const connections = ['keep', 'discard', 'drain'];

const phase = fc.constantFrom<Phase>(
  'acquire',
  'connect',
  'begin',
  'statement',
  'commit',
  'rollback',
);
const context: fc.Arbitrary<FailureContext> = fc.record(
  {
    phase,
    poolBusy: fc.boolean(),
    inTransaction: fc.boolean(),
    commitsItself: fc.boolean(),
    completed: fc.boolean(),
    readOnlyIntended: fc.boolean(),
    afterUnknown: fc.boolean(),
  },
  { requiredKeys: [] },
);

const sqlstate = fc.oneof(
  fc.stringMatching(/^[0-9A-Z]{5}$/),
  fc.constantFrom(...cases.flatMap(({ match }) => match.code ?? [])),
);
const word = fc.constantFrom('ERROR', 'FATAL', 'PANIC', 'FEHLER', 'ВАЖНО', 'WARNING', 'x');
const message = fc.oneof(
  fc.string(),
  fc.constantFrom(...cases.flatMap(({ match }) => match.messageIncludes ?? [])),
);

/** Errors of a server, a socket, Knex and Prisma, with codes and words at random. */
const shaped: fc.Arbitrary<unknown> = fc.oneof(
  fc
    .tuple(sqlstate, message, word)
    .map(([code, text, severity]) => databaseError(code, text, severity)),
  fc
    .tuple(sqlstate, message, fc.string())
    .map(([code, text, sql]) => asKnex(databaseError(code, text), sql)),
  fc.tuple(sqlstate, message).map(([code, text]) => systemError(code, text)),
  fc.tuple(message, fc.string()).map(([text, sql]) => asKnex(new Error(text), sql)),
  fc
    .record({ kind: fc.string(), originalCode: sqlstate })
    .map((cause) => driverAdapterError(cause)),
  fc
    .record({ kind: fc.string(), originalCode: sqlstate })
    .map((cause) => prismaWrapped('P2010', cause)),
  fc
    .constantFrom(...cases.flatMap((each) => Object.values(shapesOf(each))))
    .map((build) => build()),
);

const keys = [
  'code',
  'message',
  'name',
  'severity',
  'cause',
  'errors',
  'meta',
  'original',
  'syscall',
  'kind',
];
const anything = fc.oneof(
  shaped,
  fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }),
  fc.dictionary(fc.constantFrom(...keys), fc.oneof(fc.anything(), shaped, fc.array(shaped))),
);

test('there is always a verdict, and it is well formed', () => {
  fc.assert(
    fc.property(anything, context, (error, given) => {
      const verdict = classify(error, given);
      expect(kinds).toContain(verdict.kind);
      expect(outcomes).toContain(verdict.outcome);
      expect(connections).toContain(verdict.connection);
      expect(verdict.reason).toMatch(/^\S[^\n]*\S$/);
      expect(verdict.code ?? 'none').toMatch(/^\w{1,64}$/);
    }),
    { numRuns: 3_000 },
  );
});

test('asking twice gives the same, and changes nothing', () => {
  fc.assert(
    fc.property(shaped, context, (error, given) => {
      const before = error instanceof Error ? error.message : '';
      expect(classify(error, given)).toEqual(classify(Object.freeze(error), Object.freeze(given)));
      expect(error instanceof Error ? error.message : '').toBe(before);
    }),
  );
});

/** What an autocommit statement leaves open, COMMIT leaves open too, unless the server answered with an ERROR. */
test('in COMMIT, what is unknown stays unknown', () => {
  fc.assert(
    fc.property(anything, context, (error, given) => {
      const afterUnknown = given.afterUnknown ?? false;
      const alone = classify(error, { afterUnknown });
      const commit = classify(error, { ...given, afterUnknown, phase: 'commit' });
      // A read-only session turns an outage into a mistake, and neither is unknown.
      if (alone.outcome === 'unknown') expect(commit.outcome).toBe('unknown');
    }),
    { numRuns: 3_000 },
  );
});

test('in COMMIT, FATAL and PANIC never mean rolled back, but for what ended a session before it', () => {
  const fatal = fc.constantFrom('FATAL', 'PANIC', 'ВАЖНО');
  fc.assert(
    fc.property(sqlstate, fc.string(), fatal, (code, text, severity) => {
      fc.pre(code !== '25P03');
      const { outcome } = classify(databaseError(code, text, severity), { phase: 'commit' });
      expect(outcome).not.toBe('rolled-back');
    }),
    { numRuns: 2_000 },
  );
});

test('a fault without a SQLSTATE is never rolled back by a server that did not say so', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, code) => {
      const error = Object.assign(new Error(text), { code: `ERR_${code.replace(/\W/g, '')}` });
      expect(classify(error, { phase: 'commit' }).outcome).not.toBe('rolled-back');
    }),
  );
});

test('before anything was sent nothing is unknown; once ROLLBACK is sent all is undone', () => {
  fc.assert(
    fc.property(anything, context, (error, given) => {
      for (const early of ['acquire', 'connect', 'begin'] as const) {
        expect(classify(error, { ...given, phase: early }).outcome).not.toBe('unknown');
      }
      expect(classify(error, { ...given, phase: 'rollback' }).outcome).toBe('rolled-back');
    }),
    { numRuns: 1_000 },
  );
});

test('a statement that commits by itself is never rolled back', () => {
  fc.assert(
    fc.property(anything, context, (error, given) => {
      const verdict = classify(error, { ...given, phase: 'statement', commitsItself: true });
      expect(verdict.outcome).not.toBe('rolled-back');
    }),
    { numRuns: 1_000 },
  );
});

test('a phase changes the outcome and the connection, never the kind or the code', () => {
  fc.assert(
    fc.property(anything, phase, (error, at) => {
      const { kind, code } = classify(error);
      expect(classify(error, { phase: at })).toMatchObject({ kind });
      expect(classify(error, { phase: at }).code).toBe(code);
    }),
    { numRuns: 1_000 },
  );
});
