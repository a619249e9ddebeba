/** The statement reader knows which SQL a client's message executes, also when its text was sent long before. */
import type { Message } from './messages.js';
import { type TransactionCommand, transactionCommands } from './sql.js';

/** Something a client does that a fault can wait for. */
export type ClientEvent =
  | { readonly kind: 'connect' }
  | { readonly kind: 'cancel' }
  | {
      readonly kind: 'statement';
      readonly sql: string;
      readonly commands: readonly TransactionCommand[];
    };

/** The zero-terminated strings of a message, from `from` on. */
function strings(bytes: Buffer, from: number, count: number): readonly string[] {
  const found: string[] = [];
  for (let at = from; found.length < count; ) {
    const end = bytes.indexOf(0, at);
    if (end === -1) break;
    found.push(bytes.toString('utf8', at, end));
    at = end + 1;
  }
  return found;
}

const headLength = 5;

/** Follows one connection's prepared statements and portals. */
export class StatementReader {
  readonly #statements: Map<string, string> = new Map();
  readonly #portals: Map<string, string> = new Map();

  /** What the message does; undefined for one that no fault waits for. */
  read({ type, bytes }: Message): ClientEvent | undefined {
    switch (type) {
      case 'startup':
        return { kind: 'connect' };
      case 'cancel':
        return { kind: 'cancel' };
      case 'Q':
        return this.#executed(strings(bytes, headLength, 1)[0]);
      case 'E':
        return this.#executed(this.#portals.get(strings(bytes, headLength, 1)[0] ?? ''));
      default:
        this.#remember(type, bytes);
        return undefined;
    }
  }

  #executed(sql: string = ''): ClientEvent {
    return { kind: 'statement', sql, commands: transactionCommands(sql) };
  }

  #remember(type: string, bytes: Buffer): void {
    if (type === 'P') {
      const [name = '', sql = ''] = strings(bytes, headLength, 2);
      this.#statements.set(name, sql);
    }
    if (type === 'B') {
      const [portal = '', statement = ''] = strings(bytes, headLength, 2);
      this.#portals.set(portal, this.#statements.get(statement) ?? '');
    }
    if (type === 'C') {
      const [name = ''] = strings(bytes, headLength + 1, 1);
      (bytes[headLength] === 'S'.charCodeAt(0) ? this.#statements : this.#portals).delete(name);
    }
  }
}
