/** The answers of the simulated Postgres, by the kind of the statement. */
import type { Random } from '@carom/core';
import { said } from './errors.js';
import type { Locks } from './locks.js';
import { readMeanwhile, type Serializable } from './serializable.js';
import type { Result, Row, Session, Transaction } from './session.js';
import type { Kind, Modes, Statement } from './statements.js';

/** What `pg_xact_status` says. */
export type Status = 'in progress' | 'committed' | 'aborted';

/** What the answers are taken from. */
export interface Catalog {
  readonly random: Random;
  readonly isRecovering: boolean;
  /** Grows with each promotion: another timeline, another postmaster, other statistics. */
  readonly life: number;
  readonly sessions: ReadonlySet<Session>;
  readonly locks: Locks;
  readonly statuses: ReadonlyMap<number, Status>;
  /** Tokens that are committed, and whether they are a resolver's. */
  readonly tokens: ReadonlyMap<string, boolean>;
  readonly serializable: Serializable;
  begin(session: Session, modes: Modes): void;
  conclude(session: Session, transaction: Transaction, isApplied: boolean): void;
  /** The transaction's id, given to it with its first write. */
  xidOf(transaction: Transaction): number;
}

type Answer = (
  database: Catalog,
  session: Session,
  values: readonly unknown[],
  statement: Statement,
) => Result | readonly Result[];

const result = (command: string, ...rows: readonly Row[]): Result => ({
  command,
  rowCount: rows.length,
  rows,
});

const system = '7301934115151234567';
const databaseOid = '16384';
const started = (database: Catalog): string => `${1_700_000_000 + database.life}`;
const timeline = (database: Catalog): string => database.life.toString(16).padStart(8, '0');

/** What Carom reads a server by. */
function reading(database: Catalog): string {
  const { isRecovering: recovering } = database;
  return JSON.stringify({
    ...{ version: '180000', name: 'PostgreSQL 18.0 on a simulation', foreign: null },
    ...{ recovering, system, timeline: recovering ? null : timeline(database) },
    ...{ started: started(database), stamps: { bgwriter: started(database) } },
  });
}

/** The same, and what the fence rests on. */
const ground = (database: Catalog): string =>
  JSON.stringify({
    ...(JSON.parse(reading(database)) as object),
    ...{ tokens: 'carom.commit_tokens', readOnly: 'off' },
  });

/** @throws {Error} 25P01, outside of a transaction. */
function inside({ transaction }: Session): Transaction {
  if (transaction === undefined) throw said('25P01');
  return transaction;
}

const begin: Answer = (database, session, _values, { modes }) => {
  database.begin(session, modes);
  return result('BEGIN');
};

const conclude =
  (wanted: 'COMMIT' | 'ROLLBACK'): Answer =>
  (database, session) => {
    const { transaction } = session;
    if (transaction === undefined) return result(wanted);
    const isApplied = wanted === 'COMMIT' && !transaction.failed;
    const { serial } = transaction;
    if (isApplied && serial && database.serializable.isDangerous(serial)) {
      database.conclude(session, transaction, false);
      database.serializable.refused += 1;
      throw readMeanwhile();
    }
    database.conclude(session, transaction, isApplied);
    return result(isApplied ? 'COMMIT' : 'ROLLBACK');
  };

/** A session that is at work is left alone. */
const endIdle = (victim: Session | undefined): Result => {
  if (victim?.isIdleInside) victim.end('killed');
  return result('SELECT');
};

/** A UUID of its own. */
const newToken = (database: Catalog): string => {
  const hex = (digits: number): string =>
    Math.floor(database.random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  return `${hex(8)}-${hex(4)}-4${hex(3)}-8${hex(3)}-${hex(12)}`;
};

export const answers: Readonly<Record<Kind, Answer>> = {
  begin,
  commit: conclude('COMMIT'),
  rollback: conclude('ROLLBACK'),
  'begin fence': (database, session, _values, { modes }) => {
    database.begin(session, modes);
    return result('SELECT', [String(session.pid), system, databaseOid, started(database)]);
  },
  insert: (database, session, [unit]) => {
    const transaction = inside(session);
    database.xidOf(transaction);
    transaction.units.push(Number(unit));
    return result('INSERT');
  },
  update: (database, session, [row]) => {
    const transaction = inside(session);
    database.xidOf(transaction);
    transaction.serial?.writes.add(row);
    return result('UPDATE');
  },
  read: (_database, session, [row]) => {
    inside(session).serial?.reads.add(row);
    return result('SELECT', ['1']);
  },
  // None of its own: neither of the two.
  limits: () => result('SELECT', ['0'], ['0']),
  'read and begin': (database, session, _values, { modes }) => {
    database.begin(session, modes);
    const read = result('SELECT', [ground(database)]);
    return [result('BEGIN'), read, result('ROLLBACK'), result('BEGIN')];
  },
  'ask xid': (database, session) => {
    const { xid } = inside(session);
    return result('SELECT', [xid === undefined ? null : String(xid), 'on', started(database)]);
  },
  'put token': (database, session) => {
    const transaction = inside(session);
    const xid = String(database.xidOf(transaction));
    transaction.token = newToken(database);
    const granted = { holder: session, granted: () => {}, refused: () => {} };
    database.locks.acquire(`token ${transaction.token}`, granted);
    const origin = [started(database), databaseOid, xid];
    return [
      result('SELECT'),
      result('INSERT', [transaction.token, started(database), 'on', ...origin]),
    ];
  },
  'is writable': (database) => result('SELECT', [database.isRecovering ? 't' : 'f']),
  status: (database, _session, [xid, ofSystem, ofTimeline]) => {
    const isSame = ofSystem === system && ofTimeline === timeline(database);
    const known = isSame && !database.isRecovering;
    const status = known ? database.statuses.get(Number(xid)) : undefined;
    return result('SELECT', [reading(database), status ?? null]);
  },
  'had original': ({ statuses, tokens }, _session, [xid, token]) => {
    const had = statuses.get(Number(xid)) === 'aborted' || tokens.has(String(token));
    return result('SELECT', [String(had)]);
  },
  'end idle': ({ sessions }, _session, [xid]) =>
    endIdle([...sessions].find(({ transaction }) => String(transaction?.xid) === xid)),
  'end idle blocker': ({ sessions, locks }, _session, [pid]) => {
    const waiting = [...sessions].find((session) => String(session.pid) === pid);
    const blocker = waiting && locks.blocker(waiting);
    return endIdle([...sessions].find((session) => session === blocker));
  },
  barrier: () => result('COMMIT'),
  'put fence': (database, session, [token]) => {
    const transaction = inside(session);
    database.xidOf(transaction);
    if (database.tokens.has(String(token))) return result('INSERT');
    transaction.token = String(token);
    transaction.isFence = true;
    return result('INSERT', ['1']);
  },
  'is fenced': ({ tokens }, _session, [token]) =>
    tokens.get(String(token)) === true ? result('SELECT', ['1']) : result('SELECT'),
  'is expired': () => result('SELECT'),
  emit: (database, session) => {
    database.xidOf(inside(session));
    return result('SELECT', ['0/0']);
  },
};
