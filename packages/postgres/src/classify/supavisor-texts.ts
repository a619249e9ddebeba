/** Supavisor texts: the pooler writes "(ECODE) words" under XX000, "internal error", and a few other SQLSTATEs. */
import { away, barred, cut, full, type ProxyLine, proxyLine } from './proxy-row.js';
import type { ServerText } from './server-text.js';

/** Codes of its source, November 2026, and the texts of older releases without one. First match wins. */
const lines: readonly ProxyLine[] = [
  proxyLine(
    /\bEMAXPREPARED/,
    'stale',
    'rolled-back',
    'the session holds too many prepared statements for the pooler',
  ),
  full(/\bEMAX(CONN|POOLS)|max (client connections|clients) reached/i, 'the pooler is full'),
  full(/\bE(CHECKOUT|POOLCHECKOUT|SUBSCRIBE)/, 'no server was free in the pooler in time'),
  full(/\bEPOOLTERMINATING/, 'the pool is going away'),
  // More logins lengthen the block.
  barred(/\bECIRCUITBREAKER/, 'the pooler blocks logins for a while after too many failures'),
  cut(/\bE(DBHANDLEREXITED|CLIENTSOCKETCLOSED)/, 'the pooler lost a connection of this session'),
  full(/\bEAUTHTIMEOUT|timeout while waiting for message/i, 'the login took too long'),
  away(
    /\bE(POOL|PROXY|WORKER)[A-Z]*(NOTFOUND|FAILED|UNAVAILABLE)/,
    'a part of the pooler is not running',
  ),
  // A wrong user name, and no failed DNS, whatever its code looks like.
  barred(/\(ENOTFOUND\)|tenant or user not found/i, 'the pooler does not know this tenant or user'),
  barred(/\bE(AUTH|JIT|SSL|STARTUP)[A-Z]/, 'the pooler refused the login'),
  barred(
    /\bE(BANNED|ADDRNOTALLOWED|WRONGPASSWORD|INVALIDUSERINFO|MULTIPLEUSERS|NOIDENTIFIER)/,
    'the pooler refused the login',
  ),
  proxyLine(
    /\bEPSSIMPLEQUERY/,
    'permanent',
    'rolled-back',
    'the pooler does not prepare statements by the simple protocol',
  ),
  proxyLine(/^\(E[A-Z]{3,}\)/, 'permanent', 'unknown', 'an unknown error of the pooler'),
];

/** What Supavisor says, most telling first. */
export const supavisorTexts: readonly ServerText[] = lines.map(([text, row]) => ({
  codes: ['XX000', '08006', '08P01'],
  text,
  row,
}));
