/** An explanation as text, for a terminal. */
import type { CodeExplanation, PhaseExplanation } from './explain-code.js';

/** Several lines. */
export function textOf({ code, meaning, kind, phases }: CodeExplanation): string {
  return [`${code} (${kind}): ${meaning}`, ...phases.flatMap(linesOf)].join('\n');
}

function linesOf(explained: PhaseExplanation): readonly string[] {
  const { phase, inTransaction, outcome, connection, reason, retried, why } = explained;
  const where = phase === 'statement' && inTransaction ? `${phase}, in a transaction` : phase;
  return [
    `  ${where}: ${outcome}, retried: ${retried}`,
    `    ${reason}`,
    `    ${why}`,
    ...(connection === 'keep' ? [] : [`    its connection: ${connection}`]),
  ];
}
