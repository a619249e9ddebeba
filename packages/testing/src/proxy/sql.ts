/**
 * Which transaction commands a text holds, told by a small lexer. It is the kit's own on purpose: a judge does not borrow
 * the eyes of what it judges.
 */

/** A command that opens or closes a transaction. */
export type TransactionCommand = 'BEGIN' | 'COMMIT' | 'ROLLBACK';

/** One token; strings, quoted names and comments are passed over whole. */
const token =
  /--[^\r\n]*|\/\*|[eE]'(?:[^'\\]|\\[\s\S])*'|'[^']*'|"[^"]*"|\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|;|[\s\S]/y;

/** Past the block comment whose `/*` ends at `from`; they nest. */
function commentEnd(sql: string, from: number): number {
  const mark = /\/\*|\*\//g;
  mark.lastIndex = from;
  for (let depth = 1; depth > 0; ) {
    const found = mark.exec(sql);
    if (found === null) return sql.length;
    depth += found[0] === '/*' ? 1 : -1;
  }
  return mark.lastIndex;
}

/** Past the dollar-quoted string that `quote` opened. */
function dollarEnd(sql: string, quote: string, from: number): number {
  const end = sql.indexOf(quote, from);
  return end === -1 ? sql.length : end + quote.length;
}

/** The first words of each statement of a text, in capitals; no more than three. */
function openings(sql: string): readonly (readonly string[])[] {
  const statements: string[][] = [[]];
  let inBody = false;
  token.lastIndex = 0;
  for (let match = token.exec(sql); match !== null; match = token.exec(sql)) {
    const text = match[0];
    const words = statements.at(-1) ?? [];
    if (text === '/*') token.lastIndex = commentEnd(sql, token.lastIndex);
    else if (text.startsWith('$') && text.endsWith('$') && text.length > 1) {
      token.lastIndex = dollarEnd(sql, text, token.lastIndex);
    } else if (text === ';' && !inBody) statements.push([]);
    else if (/^[A-Za-z_]\w*$/.test(text)) {
      const word = text.toUpperCase();
      // `create function … begin atomic select 1; end`: those semicolons and that END are the function's.
      inBody ||= word === 'ATOMIC' && words[0] === 'CREATE';
      if (words.length < 3) words.push(word);
    }
  }
  return statements;
}

function commandOf([first, second, third]: readonly string[]): TransactionCommand | undefined {
  if (first === 'BEGIN' || (first === 'START' && second === 'TRANSACTION')) return 'BEGIN';
  if (first === 'COMMIT' || first === 'END') return 'COMMIT';
  if (first !== 'ROLLBACK' && first !== 'ABORT') return undefined;
  // To a savepoint: the transaction goes on.
  return second === 'TO' || third === 'TO' ? undefined : 'ROLLBACK';
}

/** The transaction commands of a text in their order; a text may hold several statements. */
export function transactionCommands(sql: string): readonly TransactionCommand[] {
  return openings(sql)
    .map(commandOf)
    .filter((command) => command !== undefined);
}
