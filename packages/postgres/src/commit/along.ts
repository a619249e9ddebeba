/** Along goes a question that is executed behind a statement of the user's before the Sync of both: no message more, and no answer more. */
import { type Answer, isRefusal, type WireClient } from './wire.js';

type Handle = (...args: unknown[]) => unknown;

/** The driver's object for a statement that is on its way, as far as it is told of the answer. */
interface Active {
  handleDataRow: (message: { readonly fields: Answer['rows'][number] }) => unknown;
  handleCommandComplete: Handle;
  handleEmptyQuery: Handle;
  handleError: Handle;
  handleReadyForQuery: Handle;
}

/** What is used of the inside of a `pg` client: how it sends an extended query. */
interface Inside {
  readonly readyForQuery: boolean;
  readonly pipeline?: unknown;
  readonly _queryQueue: readonly unknown[];
  readonly _activeQuery: unknown;
  readonly connection: { parse: Handle; bind: Handle; execute: Handle };
}

/** What became of both. */
export interface Sent {
  /** What the client returned for the statement. */
  readonly result: unknown;
  /** Of the question; of nothing where the statement failed and took it along. Undefined where it was not sent. */
  readonly answer?: Promise<Answer | undefined> | undefined;
}

/**
 * Sends a statement, and `text` with it. The question is not sent where the driver is not known inside, sends the statement later, or
 * without parameters (then it is a simple query, which has no place for another).
 */
export function sendAlong(client: WireClient, text: string, send: () => unknown): Sent {
  const inside = insideOf(client);
  if (inside === undefined) return { result: send() };
  const { connection } = inside;
  const before = Object.getOwnPropertyDescriptor(connection, 'execute');
  const execute = connection.execute.bind(connection);
  let answer: Sent['answer'];
  // Where parameters cannot be bound the driver never comes here.
  connection.execute = (...args) => {
    execute(...args);
    const active = inside._activeQuery;
    if (!isActive(active)) return;
    answer = answerBehind(active);
    connection.parse({ text });
    connection.bind({});
    execute({});
  };
  try {
    const result = send();
    return { result, answer };
  } finally {
    if (before === undefined) Reflect.deleteProperty(connection, 'execute');
    else Object.defineProperty(connection, 'execute', before);
  }
}

/** Takes from the answer what belongs to the question: all behind the end of the statement. */
function answerBehind(active: Active): Promise<Answer | undefined> {
  const { handleDataRow, handleCommandComplete, handleEmptyQuery } = active;
  const { handleError, handleReadyForQuery } = active;
  return new Promise((resolve, reject) => {
    const rows: Answer['rows'][number][] = [];
    let whose: 'statement' | 'question' | 'nobody' = 'statement';
    active.handleDataRow = (message) => {
      if (whose === 'question') rows.push(message.fields);
      else handleDataRow.call(active, message);
    };
    active.handleCommandComplete = (...args) => {
      if (whose === 'question') {
        whose = 'nobody';
        resolve({ rows });
        return;
      }
      whose = 'question';
      handleCommandComplete.apply(active, args);
    };
    active.handleEmptyQuery = (...args) => {
      whose = 'question';
      handleEmptyQuery.apply(active, args);
    };
    active.handleError = (...args) => {
      const isOurs = whose === 'question' && isRefusal(args[0]);
      whose = 'nobody';
      if (!isOurs) {
        resolve(undefined);
        handleError.apply(active, args);
        return;
      }
      reject(args[0] as Error);
      // The client forgets a statement with an error, and would never tell it that it is done.
      handleReadyForQuery.call(active, args[1]);
    };
  });
}

function insideOf(client: WireClient): Inside | undefined {
  const { readyForQuery, pipeline, _queryQueue, connection } = client as WireClient &
    Partial<Inside>;
  const isIdle = readyForQuery === true && pipeline !== true;
  const known =
    typeof connection?.parse === 'function' &&
    typeof connection.bind === 'function' &&
    typeof connection.execute === 'function' &&
    Array.isArray(_queryQueue) &&
    _queryQueue.length === 0;
  return isIdle && known ? (client as WireClient & Inside) : undefined;
}

const told: readonly (keyof Active)[] = [
  'handleDataRow',
  'handleCommandComplete',
  'handleEmptyQuery',
  'handleError',
  'handleReadyForQuery',
];

function isActive(query: unknown): query is Active {
  if (typeof query !== 'object' || query === null) return false;
  return told.every((name) => typeof (query as Partial<Active>)[name] === 'function');
}
