/**
 * Quotes are lexical regions: where the blanks, comments, strings and quoted names of SQL text end.
 * The rules are those of PostgreSQL's own lexer (scan.l). Each function reads forward once; -1 means "never ends".
 */

/** Whether the character at `at` separates tokens. No-break spaces do not: PostgreSQL takes them for letters. */
export function isBlankAt(sql: string, at: number): boolean {
  const code = sql.charCodeAt(at);
  return code === 32 || (code >= 9 && code <= 13);
}

/** Past all blanks and comments from `from` on. An unterminated block comment is not skipped. */
export function blankEnd(sql: string, from: number): number {
  let at = from;
  for (;;) {
    if (isBlankAt(sql, at)) at += 1;
    else if (sql[at] === '-' && sql[at + 1] === '-') at = lineEnd(sql, at);
    else if (sql[at] === '/' && sql[at + 1] === '*') {
      const end = commentEnd(sql, at);
      if (end === -1) return at;
      at = end;
    } else return at;
  }
}

/** At the end of the line: a carriage return alone ends a `--` comment too. */
function lineEnd(sql: string, from: number): number {
  let at = from;
  while (at < sql.length && sql[at] !== '\n' && sql[at] !== '\r') at += 1;
  return at;
}

/** Past the block comment that opens at `open`; they nest. */
function commentEnd(sql: string, open: number): number {
  let depth = 0;
  let at = open;
  while (at < sql.length) {
    if (sql.startsWith('/*', at)) depth += 1;
    else if (sql.startsWith('*/', at)) depth -= 1;
    else {
      at += 1;
      continue;
    }
    at += 2;
    if (depth === 0) return at;
  }
  return -1;
}

/**
 * Past the string whose first quote is at `open`, with all its continuations: a string, a line break and another
 * string are one string, and the first one's prefix rules all of it.
 */
export function stringEnd(sql: string, open: number, backslashEscapes: boolean): number {
  let at = open + 1;
  while (at < sql.length) {
    if (backslashEscapes && sql[at] === '\\') at += 2;
    else if (sql[at] !== "'") at += 1;
    else if (sql[at + 1] === "'") at += 2;
    else {
      const next = continuationAt(sql, at + 1);
      if (next === -1) return at + 1;
      at = next + 1;
    }
  }
  return -1;
}

/** The quote that continues a string closed just before `from`, or -1. At least one line break must lie between. */
function continuationAt(sql: string, from: number): number {
  let at = from;
  let broken = false;
  for (;;) {
    if (isBlankAt(sql, at)) {
      broken ||= sql[at] === '\n' || sql[at] === '\r';
      at += 1;
    } else if (sql.startsWith('--', at)) at = lineEnd(sql, at);
    else return broken && sql[at] === "'" ? at : -1;
  }
}

/** Past the quoted name whose first quote is at `open`. */
export function quotedNameEnd(sql: string, open: number): number {
  let at = open + 1;
  while (at < sql.length) {
    if (sql[at] !== '"') at += 1;
    else if (sql[at + 1] === '"') at += 2;
    else return at + 1;
  }
  return -1;
}

/** Past the text quoted with `delimiter` (`$$` or `$tag$`) that opens at `open`. */
export function dollarEnd(sql: string, open: number, delimiter: string): number {
  const close = sql.indexOf(delimiter, open + delimiter.length);
  return close === -1 ? -1 : close + delimiter.length;
}
