/** Provider texts are what hosted databases and their proxies say, some of them without any code. */
import { away, barred, full, type ProxyLine } from './proxy-row.js';
import { type Row, refused, row } from './row.js';
import type { ServerText } from './server-text.js';

/** The SQLSTATE classes that proxies borrow. A function's own message (P0001) never counts as a proxy's. */
const proxyCodes = ['08', '28', '53', '57', '58', 'XX'];

/** Said by a proxy in front of the server, with or without a SQLSTATE. */
const proxyTexts: readonly ProxyLine[] = [
  away(/Couldn't connect to compute node/i, 'Neon could not reach or wake the compute'),
  barred(
    /(^[\w' ]{0,60})?exceeded the limit of concurrently active endpoints/i,
    'a limit of the Neon plan',
  ),
  barred(/(^[\w' ]{0,60})?exceeded the compute time quota/i, 'a limit of the Neon plan'),
  barred(/endpoint ID is not specified/i, 'Neon needs the endpoint in the host name'),
  away(
    /request could not be authorized due to an internal error/i,
    'a fault in the control plane of Neon',
  ),
  away(/(control plane|console) request failed/i, 'a fault in the control plane of Neon'),
  full(/Failed to acquire permit to connect/i, 'too many connections are being made at once'),
  full(/Timed-out waiting to acquire database connection/i, 'no server was free in RDS Proxy'),
  full(
    /(^[\w' ]{0,60})?maximum number of client connections to the RDS Proxy/i,
    'RDS Proxy is full',
  ),
  full(
    /(^[\w' ]{0,60})?IAM authentication failed because of too many competing requests/i,
    'too many logins at once',
  ),
];

const conflict = (reason: string): Row =>
  row('contention', 'rolled-back', 'keep', reason, { fatal: 'undone' });

/** Said by a server that is not PostgreSQL, or not an ordinary one. */
const serverTexts: readonly ServerText[] = [
  {
    codes: ['40001'],
    text: /\(OC000\)/,
    row: conflict('Aurora DSQL: another transaction changed the data first'),
  },
  {
    codes: ['40001'],
    text: /\(OC001\)/,
    row: conflict('Aurora DSQL: the schema changed; this try has reloaded it'),
  },
  {
    codes: ['40001', 'XX000'],
    text: /restart read required|conflicts with higher priority transaction/i,
    row: conflict('YugabyteDB: another transaction was in the way'),
  },
  {
    codes: ['40001'],
    text: /conflict with recovery/i,
    row: conflict('a read on a standby was in the way of replication'),
  },
  {
    codes: ['28000'],
    text: /PAM authentication failed/i,
    row: row(
      'permanent',
      'not-executed',
      'keep',
      'the login token was refused; those of RDS and DSQL last 15 minutes',
      { fatal: 'by-nature' },
    ),
  },
  { codes: ['0A000'], text: /RDS Proxy/i, row: refused('RDS Proxy does not support this') },
];

/** What providers say under a SQLSTATE. */
export const providerTexts: readonly ServerText[] = [
  ...serverTexts,
  ...proxyTexts.map(([text, row]) => ({ codes: proxyCodes, text, row })),
];

/** What a proxy says without a SQLSTATE: the text must begin with it, since anybody's error may quote it. */
export function bareProviderRow(text: string): Row | undefined {
  return proxyTexts.find(([pattern]) => text.search(pattern) === 0)?.[1];
}
