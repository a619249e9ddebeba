/** Server texts tell apart what comes under one SQLSTATE, from PostgreSQL and from those who speak for it. */
import type { Evidence } from './evidence.js';
import { pgbouncerTexts } from './pgbouncer-texts.js';
import { providerTexts } from './provider-texts.js';
import { type Row, refused, row } from './row.js';
import type { ServerText } from './server-text.js';
import { supavisorTexts } from './supavisor-texts.js';

const standby = row(
  'outage',
  'rolled-back',
  'drain',
  'this server is a standby: after a failover, the wrong host',
);

const postgresTexts: readonly ServerText[] = [
  { codes: ['25006'], text: /during recovery/i, row: standby },
  { codes: ['55000'], text: /recovery is in progress/i, row: standby },
  {
    codes: ['0A000'],
    text: /cached plan must not change result type/i,
    row: row(
      'stale',
      'rolled-back',
      'discard',
      'the schema changed under a prepared statement of this session; the driver keeps the old plan for ever',
    ),
  },
  {
    codes: ['57P03'],
    text: /hot standby mode is disabled/i,
    row: row('permanent', 'not-executed', 'discard', 'a standby that never accepts sessions', {
      fatal: 'by-nature',
    }),
  },
  {
    codes: ['57014'],
    text: /statement timeout/i,
    row: refused('the statement ran into statement_timeout'),
  },
  {
    codes: ['57014'],
    text: /user request/i,
    row: refused('the statement was cancelled by request'),
  },
];

const texts: readonly ServerText[] = [
  ...pgbouncerTexts,
  ...supavisorTexts,
  ...postgresTexts,
  ...providerTexts,
];

/** PostgreSQL translates its messages, but not the name of the function that raised them. */
const replanned = texts.find((each) => each.codes.includes('0A000'))?.row;

/** The row of the server's text, where its words say more than its SQLSTATE. */
export function serverTextRow(sqlstate: string, evidence: Evidence): Row | undefined {
  if (sqlstate === '0A000' && evidence.routine?.startsWith('RevalidateCached')) return replanned;
  const { text } = evidence;
  if (text === undefined) return undefined;
  return texts.find(
    (each) =>
      (each.codes.includes(sqlstate) || each.codes.includes(sqlstate.slice(0, 2))) &&
      each.text.test(text),
  )?.row;
}
