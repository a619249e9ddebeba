/** A proxy row is what a pooler or proxy says in the server's place: it ends the client's session, so all is FATAL. */
import type { ConnectionAdvice, FailedOutcome, VerdictKind } from '@carom/core';
import { type Row, row } from './row.js';

/** A text, and what it means. */
export type ProxyLine = readonly [text: RegExp, row: Row];

/** Any row of a proxy. */
export function proxyLine(
  text: RegExp,
  kind: VerdictKind,
  outcome: FailedOutcome,
  reason: string,
  connection: ConnectionAdvice = 'discard',
): ProxyLine {
  return [text, row(kind, outcome, connection, reason, { fatal: 'by-nature' })];
}

/** No room: the statement was not forwarded. */
export function full(text: RegExp, reason: string): ProxyLine {
  return proxyLine(text, 'overload', 'not-executed', reason);
}

/** The proxy or the server behind it is away: the statement was not forwarded. */
export function away(text: RegExp, reason: string): ProxyLine {
  return proxyLine(text, 'outage', 'not-executed', reason);
}

/** The proxy does not let this client in, and will not the next time. */
export function barred(text: RegExp, reason: string): ProxyLine {
  return proxyLine(text, 'permanent', 'not-executed', reason);
}

/** The proxy lost the server while it served this client. */
export function cut(text: RegExp, reason: string): ProxyLine {
  return proxyLine(text, 'outage', 'unknown', reason);
}
