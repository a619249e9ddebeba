/** The intent of a Prisma operation, read or write; asked only when an outcome is unknown. */
import { type Intent, isReadOnly, replayRefusal } from '@carom/postgres';
import type { HookParams } from './internals.js';

/** An operation as a query hook sees it. */
export type Operation = Pick<HookParams, 'model' | 'operation' | 'args'>;

/** Operations of a model that send SELECTs and nothing else. */
const reads: ReadonlySet<string> = new Set([
  'findUnique',
  'findUniqueOrThrow',
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
]);

/** By model and operation, of which a schema has only so many. */
const names: Map<string, Map<string, string>> = new Map();

/** For events and explanations: `account.create`, `$queryRaw`. */
export function nameOf({ model, operation }: Pick<Operation, 'model' | 'operation'>): string {
  if (model === undefined) return operation;
  let ofModel = names.get(model);
  if (ofModel === undefined) {
    ofModel = new Map();
    names.set(model, ofModel);
  }
  let name = ofModel.get(operation);
  if (name === undefined) {
    name = `${model.slice(0, 1).toLowerCase()}${model.slice(1)}.${operation}`;
    ofModel.set(operation, name);
  }
  return name;
}

/**
 * The SQL of a raw operation: of the tagged forms a text and values, of the unsafe ones an array
 * that begins with the text.
 */
export function textOf({ model, args }: Operation): string | undefined {
  if (model !== undefined || typeof args !== 'object' || args === null) return undefined;
  if (Array.isArray(args)) return typeof args[0] === 'string' ? args[0] : undefined;
  const { text, sql } = args as { readonly text?: unknown; readonly sql?: unknown };
  if (typeof text === 'string') return text;
  return typeof sql === 'string' ? sql : undefined;
}

/** A read only when beyond doubt: `$queryRaw` may write as well as any. */
export function intentOf(operation: Operation): Intent {
  if (operation.model !== undefined) return reads.has(operation.operation) ? 'read' : 'write';
  const text = textOf(operation);
  return text !== undefined && isReadOnly(text) ? 'read' : 'write';
}

/** Why a raw operation may not be played again, once sent by itself; those of models may. */
export function refusalOf(operation: Operation): string | undefined {
  if (operation.model !== undefined) return undefined;
  const text = textOf(operation);
  return text === undefined ? 'its SQL cannot be seen' : replayRefusal(text);
}
