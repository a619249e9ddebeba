/** Streaming replication: the settings that join two servers, and the waits on what they report. */
import { poll } from '../../poll.js';
import type { Server, ServerConfig, Settings } from '../server.js';

const conninfoValue = (value: string | number): string =>
  `'${`${value}`.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

/** Settings of a standby that follows `primary` and calls itself `name` there. */
export function following(primary: ServerConfig, name: string): Settings {
  const { host, port, user, password = '' } = primary;
  const parts = { host, port, user, password, application_name: name, sslmode: 'disable' };
  const conninfo = Object.entries(parts).map(([key, value]) => `${key}=${conninfoValue(value)}`);
  return { primary_conninfo: conninfo.join(' '), synchronous_standby_names: '' };
}

/** Settings of a primary: whether its COMMIT waits for the standby of that name. */
export function leading(synchronousStandby: string | undefined): Settings {
  const names = synchronousStandby === undefined ? '' : `"${synchronousStandby}"`;
  return { primary_conninfo: '', synchronous_standby_names: names };
}

/** Waits until `standby` streams from `primary`; with `sync`, until COMMIT waits for it. */
export async function streaming(
  primary: Server,
  standby: Server,
  sync: boolean = false,
): Promise<void> {
  await poll(`${standby.name} to stream from ${primary.name}`, async () => {
    const { rows } = await primary.query(
      `select from pg_stat_replication
        where application_name = $1 and state = 'streaming' and ($2 = false or sync_state = 'sync')`,
      [standby.name, sync],
    );
    return rows.length > 0;
  });
}

/**
 * Waits until `standby` has replayed what `primary` had written when asked. A record of our own marks the place: the insert
 * position may lie behind a page header, where no replay ends before more is written.
 */
export async function replayed(primary: Server, standby: Server): Promise<void> {
  const { rows } = await primary.query<{ lsn: string }>(
    "select pg_logical_emit_message(true, 'carom-testing', '')::text as lsn",
  );
  await poll(`${standby.name} to replay what ${primary.name} wrote`, async () => {
    const { rows: answers } = await standby.query<{ there: boolean }>(
      'select coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) as there',
      [rows[0]?.lsn],
    );
    return answers[0]?.there === true;
  });
}

/** A standby refuses to be promoted, or stops, while one of these is lower than on its primary. */
const notBelowPrimary = [
  'max_connections',
  'max_worker_processes',
  'max_wal_senders',
  'max_prepared_transactions',
  'max_locks_per_transaction',
];

/** Which of a primary's new settings its running standby must be given first. */
export async function raisedBy(settings: Settings, standby: Server): Promise<Settings> {
  const named = notBelowPrimary.filter((name) => settings[name] !== undefined);
  if (named.length === 0) return {};
  const { rows } = await standby.query<{ name: string; value: number }>(
    'select name, setting::int as value from pg_settings where name = any($1)',
    [named],
  );
  const raised = rows.filter(({ name, value }) => Number(settings[name]) > value);
  return Object.fromEntries(raised.map(({ name }) => [name, settings[name] ?? 0]));
}
