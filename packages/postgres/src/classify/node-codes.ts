/** Node codes are what the socket, TLS or DNS layer says on `error.code`; they are never looked for in a text. */
import type { Evidence } from './evidence.js';
import { lost, type Row, row, unsent } from './row.js';

const cancelled = row('cancelled', 'unknown', 'discard', 'the caller took it back');
const notMade = row('outage', 'not-executed', 'discard', 'the connection could not be made');
const notReached = row('outage', 'not-executed', 'keep', 'the server could not be reached');
const noName = row(
  'outage',
  'not-executed',
  'keep',
  'the name of the server could not be resolved',
);
const noRoom = row('overload', 'not-executed', 'keep', 'this machine has no socket to spare');
const noAccess = unsent('this process may not use the socket');
const reset = lost('the connection was lost and the reply with it');
const closed = lost('the socket was closed under the statement');
const untrusted = row(
  'permanent',
  'not-executed',
  'discard',
  'the TLS set-up failed: a matter of configuration',
);
const tlsFault = row('permanent', 'unknown', 'discard', 'a fault in the TLS layer');

/** Said of a call that makes a connection: nothing was sent, whatever the code. */
const whileConnecting: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    EACCES: noAccess,
    EPERM: noAccess,
    ENOENT: row('outage', 'not-executed', 'keep', 'the Unix socket is not there'),
    EADDRNOTAVAIL: noRoom,
    EAGAIN: noRoom,
    EMFILE: noRoom,
    ENFILE: noRoom,
    ENOBUFS: noRoom,
    ENOMEM: noRoom,
    ECONNREFUSED: notReached,
    ENOTFOUND: noName,
  }),
);

/** Said of no call, or of one on an established connection. */
const codes: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    ABORT_ERR: cancelled,
    UND_ERR_ABORTED: cancelled,
    // Only connecting is ever refused.
    ECONNREFUSED: notReached,
    ENOTFOUND: noName,
    // Local ports are used up.
    EADDRNOTAVAIL: noRoom,
    EADDRINUSE: noRoom,
    EMFILE: noRoom,
    ENFILE: noRoom,
    ECONNRESET: reset,
    ECONNABORTED: reset,
    ENETRESET: reset,
    // Bytes written before may have arrived.
    EPIPE: reset,
    ENOTCONN: reset,
    ESHUTDOWN: reset,
    ENOBUFS: reset,
    ETIMEDOUT: reset,
    EHOSTUNREACH: reset,
    EHOSTDOWN: reset,
    ENETUNREACH: reset,
    ENETDOWN: reset,
    ENONET: reset,
    ERR_STREAM_DESTROYED: closed,
    ERR_STREAM_WRITE_AFTER_END: closed,
    ERR_STREAM_PREMATURE_CLOSE: closed,
    ERR_SOCKET_CLOSED: closed,
    ERR_SOCKET_CLOSED_BEFORE_CONNECTION: notMade,
    ERR_SOCKET_CONNECTION_TIMEOUT: notMade,
    ERR_TLS_HANDSHAKE_TIMEOUT: notMade,
    // undici, for drivers over HTTP.
    UND_ERR_CONNECT_TIMEOUT: notReached,
    UND_ERR_HEADERS_TIMEOUT: row('outage', 'unknown', 'keep', 'no answer came in time'),
    UND_ERR_BODY_TIMEOUT: row('outage', 'unknown', 'keep', 'the answer was cut'),
    UND_ERR_SOCKET: reset,
    UND_ERR_DESTROYED: closed,
    UND_ERR_CLOSED: closed,
    EPROTO: untrusted,
    CERT_HAS_EXPIRED: untrusted,
    HOSTNAME_MISMATCH: untrusted,
    INVALID_CA: untrusted,
    INVALID_PURPOSE: untrusted,
    ERR_TLS_DH_PARAM_SIZE: untrusted,
  }),
);

/** The codes with a line of their own. */
export const knownNodeCodes: readonly string[] = [...codes.keys()].sort();

/** By how the code begins: OpenSSL's names for a bad certificate, and the families of codes. */
const families: readonly (readonly [RegExp, Row])[] = [
  [/^EAI_/, noName],
  [/^ERR_TLS_CERT_/, untrusted],
  [
    /^(CERT|CRL|UNABLE_TO|ERROR_IN|DEPTH_ZERO|SELF_SIGNED|SUBTREE|PATH_LENGTH|AKID|SUBJECT_ISSUER)_/,
    untrusted,
  ],
  // A handshake ends so, but so may an established connection.
  [/^ERR_(SSL|TLS|OSSL)_/, tlsFault],
];

const connecting = /^(connect|getaddrinfo|getnameinfo|query[A-Z]\w*|socket|bind)$/;
const transferring = /^(read|write|writev|shutdown|recv|send|recvmsg|sendmsg)$/;
const beforeTls =
  /^(Client network socket disconnected )?before secure TLS connection was established$/;
const systemError = /^E[A-Z0-9]{2,}$/;

/** What a code means with the call that failed, or with words that say that no session was there yet. */
export function nodeCallRow({ nodeCode, syscall, text }: Evidence): Row | undefined {
  if (nodeCode === undefined) return undefined;
  if (text !== undefined && beforeTls.test(text)) return notMade;
  if (syscall === undefined || !systemError.test(nodeCode)) return undefined;
  if (connecting.test(syscall)) return whileConnecting.get(nodeCode) ?? notMade;
  return undefined;
}

/** What a code means by itself. */
export function nodeCodeRow({ nodeCode, syscall }: Evidence): Row | undefined {
  if (nodeCode === undefined) return undefined;
  const known = codes.get(nodeCode) ?? families.find(([form]) => form.test(nodeCode))?.[1];
  if (known !== undefined) return known;
  // A system error of the socket that has no line above; one of a file is none of ours.
  const isOfSocket = syscall !== undefined && transferring.test(syscall);
  return isOfSocket && systemError.test(nodeCode) ? reset : undefined;
}
