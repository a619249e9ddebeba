/** The statements that the simulated Postgres understands: those of its callers, and all that Carom asks beside them. */
import type { Millis } from '@carom/core';

/** What the units of work are made of. */
export const insertUnit = 'INSERT INTO units (id) VALUES ($1)';
export const readRow = 'SELECT n FROM rows WHERE id = $1';
export const updateRow = 'UPDATE rows SET n = n + 1 WHERE id = $1';

/** By what a text is told, the first that fits; how long it takes, in ms; and what it does to a server that takes no writes. */
const kinds = [
  ['insert', /^INSERT INTO units/, 5, '25006'],
  ['update', /^UPDATE rows/, 5, '25006'],
  ['read', /^SELECT n FROM rows/, 1, undefined],
  [
    'begin',
    /^BEGIN(?: ISOLATION LEVEL SERIALIZABLE)?(?:; SET LOCAL \w+_timeout = \d+)*$/,
    1,
    undefined,
  ],
  ['commit', /^COMMIT$/, 5, undefined],
  ['rollback', /^ROLLBACK$/, 1, undefined],
  ['read and begin', /^BEGIN READ ONLY; SELECT .* AS carom; ROLLBACK; BEGIN\b/s, 2, undefined],
  ['limits', /FROM pg_catalog\.pg_settings/, 1, undefined],
  ['put token', /INSERT INTO carom\.commit_tokens DEFAULT VALUES/, 1, '25006'],
  ['ask xid', /pg_current_xact_id_if_assigned/, 1, undefined],
  ['is writable', /^SELECT pg_catalog\.pg_is_in_recovery\(\) OR/, 1, undefined],
  ['had original', /pg_xact_status.* OR EXISTS/s, 1, undefined],
  ['status', /pg_xact_status/, 1, undefined],
  ['end idle', /pg_terminate_backend.*backend_xid = \$1/s, 1, undefined],
  ['end idle blocker', /pg_terminate_backend.*pg_blocking_pids/s, 1, undefined],
  ['barrier', /^BEGIN READ WRITE;.*pg_logical_emit_message.*COMMIT$/s, 5, '0A000'],
  ['begin fence', /^BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;/, 1, '0A000'],
  ['put fence', /^INSERT INTO carom\.commit_tokens \(token, fenced\)/, 1, '25006'],
  ['is fenced', /^SELECT 1 FROM carom\.commit_tokens WHERE token = \$1/, 1, undefined],
  ['is expired', /^SELECT 1 FROM carom\.commit_horizon/, 1, undefined],
  ['emit', /^SELECT pg_catalog\.pg_logical_emit_message/, 1, '25006'],
] as const satisfies readonly (readonly [string, RegExp, Millis, string | undefined])[];

export type Kind = (typeof kinds)[number][0];

/** What a text says of the transaction that it begins. */
export interface Modes {
  readonly isSerializable: boolean;
  /** The longest pause between two statements. */
  readonly idleLimit: Millis | undefined;
  readonly statementLimit: Millis | undefined;
}

/** What is known of a text. */
export interface Statement {
  readonly kind: Kind;
  readonly modes: Modes;
  readonly time: Millis;
  /** With what a server in recovery refuses it. */
  readonly refusal: string | undefined;
}

function modesOf(text: string): Modes {
  const limit = (name: string): Millis | undefined => {
    const [, set] = text.match(`SET LOCAL ${name} = (\\d+)`) ?? [];
    return set === undefined ? undefined : Number(set);
  };
  return {
    isSerializable: text.includes('ISOLATION LEVEL SERIALIZABLE'),
    idleLimit: limit('idle_in_transaction_session_timeout'),
    statementLimit: limit('statement_timeout'),
  };
}

const known: Map<string, Statement> = new Map();

/** @throws {Error} for a text that nobody has taught it: what is not understood is not simulated. */
export function statementOf(text: string): Statement {
  let statement = known.get(text);
  if (statement === undefined) {
    const [kind, , time, refusal] = kinds.find(([, form]) => form.test(text)) ?? [];
    if (kind === undefined) throw new Error(`the simulated server does not understand: ${text}`);
    statement = { kind, time, refusal, modes: modesOf(text) };
    known.set(text, statement);
  }
  return statement;
}
