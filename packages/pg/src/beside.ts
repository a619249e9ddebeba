/** Beside a transaction stands what is sent inside its callback and not on its own client. */
import { taintScopes, transactionControl } from '@carom/postgres';
import type { Binding } from './binding.js';
import { intentOf, textOf } from './intent.js';

/** Tells the transactions around it of a statement that no shot is made of: a write is not undone with them. */
export function tellBeside({ base }: Pick<Binding, 'base'>, query: unknown): void {
  if (!base.idempotent) taintScopes(base.key, { name: 'query', isWrite: () => isWrite(query) });
}

function isWrite(query: unknown): boolean {
  const text = textOf(query);
  const isControl = isAlone(text) && transactionControl(text) !== undefined;
  return !isControl && intentOf(query) === 'write';
}

/** Whether a text that begins or ends a transaction does nothing else. */
export function isAlone(text: string | undefined): text is string {
  return text !== undefined && !/;\s*\S|\bchain\b/i.test(text);
}
