/** Adapter kinds are what a Prisma driver adapter makes of an error: the only clue where it drops the code. */
import { lost, type Row, refused, row, unsent } from './row.js';

const kinds: ReadonlyMap<string, Row> = new Map(
  Object.entries<Row>({
    // ECONNRESET in any phase: the adapter drops the system call.
    ConnectionClosed: lost('the connection was lost and the reply with it'),
    SocketTimeout: lost('the socket timed out and the reply is lost'),
    DatabaseNotReachable: row('outage', 'not-executed', 'keep', 'the server could not be reached'),
    TooManyConnections: row(
      'overload',
      'not-executed',
      'keep',
      'the server has no connection to spare',
    ),
    TransactionWriteConflict: row(
      'contention',
      'rolled-back',
      'keep',
      'a write conflict or a deadlock',
    ),
    TlsConnectionError: unsent('the TLS set-up failed: a matter of configuration'),
    AuthenticationFailed: unsent('the server refused the login'),
    DatabaseAccessDenied: unsent('the server refused the login'),
    DatabaseDoesNotExist: unsent('the database does not exist'),
    InvalidIsolationLevel: unsent('no such isolation level'),
    UniqueConstraintViolation: refused('the key exists already', { maybeOwnTrace: true }),
    DatabaseAlreadyExists: refused('the database exists already', { maybeOwnTrace: true }),
    ForeignKeyConstraintViolation: refused('a constraint is violated'),
    NullConstraintViolation: refused('a constraint is violated'),
    RestrictViolation: refused('a constraint is violated'),
    LengthMismatch: refused('the data does not fit'),
    ValueOutOfRange: refused('the data does not fit'),
    InvalidInputValue: refused('the data does not fit'),
    TableDoesNotExist: refused('the table does not exist'),
    ColumnNotFound: refused('the column does not exist'),
    MissingFullTextSearchIndex: refused('the index does not exist'),
    InconsistentColumnData: refused('the data does not fit the schema'),
    postgres: refused('the server refused the statement'),
    // Raised while reading the answer: an autocommit write is done by then.
    UnsupportedNativeDataType: row(
      'permanent',
      'unknown',
      'keep',
      'the answer has a type that Prisma cannot read; the statement did run',
    ),
    TransactionAlreadyClosed: row(
      'permanent',
      'unknown',
      'keep',
      'the transaction was closed already',
    ),
    GenericJs: row('permanent', 'unknown', 'discard', 'an error in a driver adapter'),
  }),
);

/** What the kind of a mapped error means; `undefined` for a kind without a line. */
export function adapterKindRow(kind: string): Row | undefined {
  return kinds.get(kind);
}
