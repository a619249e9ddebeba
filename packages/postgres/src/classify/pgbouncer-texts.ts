/** pgbouncer texts: the pooler says nearly all it has to say under 08P01, "protocol violation". */
import { away, barred, cut, full, type ProxyLine, proxyLine } from './proxy-row.js';
import type { ServerText } from './server-text.js';

/** Texts of its source, July 2026, and of older releases. First match wins. */
const lines: readonly ProxyLine[] = [
  // It repeats the last failure of its own login, and a bad password stays bad.
  barred(
    /server login has been failing.*(authentication failed|pg_hba|does not exist|not permitted)/is,
    'the pooler is refused by the server',
  ),
  full(/server login has been failing/i, 'the pooler cannot log in to the server'),
  full(/query_wait_timeout/i, 'no server was free in the pooler in time'),
  full(/no more connections allowed/i, 'the pooler is full'),
  full(/client connections exceeded/i, 'the pooler is full for this database or user'),
  cut(/server conn crashed\?/i, 'the server closed the connection of the pooler'),
  barred(/query_timeout/i, 'the time limit of the pooler passed in its queue'),
  proxyLine(/query timeout/i, 'permanent', 'unknown', 'the pooler cut a running statement'),
  proxyLine(
    /idle transaction timeout/i,
    'permanent',
    'rolled-back',
    'the transaction was idle for too long for the pooler',
  ),
  // COMMIT may have been the statement that ran.
  proxyLine(/transaction timeout/i, 'permanent', 'unknown', 'the pooler cut a long transaction'),
  away(/server shutting down|pooler is shutting down/i, 'the pooler is stopping'),
  away(/database configuration changed/i, 'the pooler was reconfigured'),
  away(/connect timeout/i, 'the pooler could not reach the server in time'),
  away(/client_login_timeout|suspend_timeout|pause failed/i, 'the pooler did not let anyone in'),
  away(/server login failed|cannot connect/i, 'the pooler could not reach the server'),
  barred(/no such database|is disabled/i, 'the pooler does not serve this database'),
  barred(/no such user/i, 'the pooler does not know this user'),
  barred(
    /authentication failed|login rejected|no authentication method|SSL required/i,
    'the pooler refused the login',
  ),
  barred(/unsupported startup parameter/i, 'the pooler does not accept a startup parameter'),
  proxyLine(
    /prepared statement (name is already in use|did not exist)/i,
    'stale',
    'rolled-back',
    'the prepared statements of this session are not what the pooler remembers',
  ),
  proxyLine(
    /transaction blocks not allowed in statement pooling mode/i,
    'permanent',
    'rolled-back',
    'the pooler runs in statement mode, which has no transactions',
  ),
  barred(/bouncer config error/i, 'the pooler is misconfigured'),
  full(/bouncer resources exhaustion|no memory for/i, 'the pooler is out of memory'),
  // Said before a statement and during it alike.
  proxyLine(/out of memory/i, 'overload', 'unknown', 'the pooler is out of memory'),
  away(/client_idle_timeout/i, 'the pooler ended an idle session'),
  cut(
    /server (idle timeout|lifetime over|connection closed)|evicted|too many servers/i,
    'the pooler closed its connection to the server',
  ),
];

/** What pgbouncer says, most telling first. */
export const pgbouncerTexts: readonly ServerText[] = lines.map(([text, row]) => ({
  codes: ['08P01'],
  text,
  row,
}));
