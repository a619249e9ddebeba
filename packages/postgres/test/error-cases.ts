/** Error cases are the table of known failures in `postgres-errors.json`, and each as the errors it arrives in. */
import { readFileSync } from 'node:fs';
import {
  asKnex,
  databaseError,
  driverAdapterError,
  mappedServerError,
  prismaError,
  prismaWrapped,
  systemError,
} from './error-shapes.js';

export interface ErrorCase {
  readonly id: string;
  readonly layer: string;
  readonly match: {
    readonly code?: string;
    readonly severity?: string;
    readonly messageIncludes?: string;
    readonly phase?: 'connect';
    readonly syscall?: string;
    readonly name?: string;
    readonly prismaCode?: string;
    readonly kind?: string;
  };
  readonly transient: boolean;
  readonly outcome: string;
  readonly connection: string;
  readonly atCommit: string;
  readonly backoff: string;
}

export const cases: readonly ErrorCase[] = JSON.parse(
  readFileSync(new URL('./postgres-errors.json', import.meta.url), 'utf8'),
);

export type Shapes = Readonly<Record<string, () => unknown>>;

/** Codes and layers whose errors the server or a pooler sends as FATAL, and never as ERROR. */
function isFatalByNature({ layer, match }: ErrorCase): boolean {
  if (layer === 'pgbouncer' || match.code === 'XX000') return match.messageIncludes !== undefined;
  return /^(28|3D|57P|F0|25P0[34])/.test(match.code ?? '');
}

function serverShapes(each: ErrorCase): Shapes {
  const { code = '', severity, messageIncludes: message = 'words of the server' } = each.match;
  const severities = severity === undefined ? ['ERROR', 'FEHLER', undefined] : [severity];
  if (severity === undefined && isFatalByNature(each)) severities.push('FATAL', 'ВАЖНО');
  const plain = severities.map((word): [string, () => unknown] => [
    `pg, severity ${word}`,
    () => databaseError(code, message, word),
  ]);
  const mapped = () => mappedServerError(code, message, severity ?? 'ERROR');
  return {
    ...Object.fromEntries(plain),
    knex: () => asKnex(databaseError(code, message, severity ?? 'ERROR')),
    'prisma raw query': () => prismaWrapped('P2010', mapped()),
    'prisma model query': () => prismaWrapped('P2039', mapped()),
    'bare adapter error': () => driverAdapterError(mapped()),
    wrapped: () =>
      new Error('failed', { cause: databaseError(code, message, severity ?? 'ERROR') }),
  };
}

function nodeShapes({ match }: ErrorCase): Shapes {
  const { code = '', syscall, messageIncludes } = match;
  const message = messageIncludes ?? `${syscall ?? 'read'} ${code}`;
  const bare = () => systemError(code, message, syscall);
  return {
    pg: bare,
    knex: () => asKnex(bare()),
    wrapped: () => new Error('failed', { cause: bare() }),
    // Prisma keeps the code and drops the system call.
    ...(syscall === undefined && { 'prisma, unmapped': () => prismaError(code, message) }),
  };
}

function namedShapes({ match, layer }: ErrorCase): Shapes {
  const { name, messageIncludes: message = 'words of the client' } = match;
  const bare = () => Object.assign(new Error(message), name === undefined ? {} : { name });
  return {
    [layer]: bare,
    wrapped: () => new Error('failed', { cause: bare() }),
    ...(name === undefined && {
      prisma: () => Object.assign(bare(), { clientVersion: '7.10.0' }),
    }),
    ...(layer === 'pg' && { knex: () => asKnex(bare()) }),
  };
}

function prismaShapes({ match }: ErrorCase): Shapes {
  const { prismaCode, kind, messageIncludes: message = 'words of Prisma' } = match;
  if (prismaCode !== undefined) {
    const inner = kind === undefined || kind === '*' ? undefined : { kind };
    return {
      prisma: () =>
        inner === undefined ? prismaError(prismaCode, message) : prismaWrapped(prismaCode, inner),
      'transaction API': () =>
        prismaError(prismaCode, `Invalid invocation:\n\nTransaction API error: ${message}.`),
    };
  }
  return {
    'bare adapter error': () => driverAdapterError({ kind }),
    'raw query': () => prismaWrapped('P2010', { kind }),
    'model query': () => prismaWrapped('P2039', { kind }),
  };
}

/** The errors that a case arrives in. */
export function shapesOf(each: ErrorCase): Shapes {
  const { match, layer } = each;
  if (match.prismaCode !== undefined || (layer === 'prisma' && match.kind !== undefined)) {
    return prismaShapes(each);
  }
  if (match.code === undefined) return namedShapes(each);
  return layer === 'node' ? nodeShapes(each) : serverShapes(each);
}
