/** The walk visits every error that an error holds: its cause, what Prisma hides in `meta`, what was gathered in it. */
import { type Evidence, evidenceOf, mappedEvidence, metaEvidence } from './evidence.js';
import { read, readList, readText } from './read.js';

/** One object of the chain, and the objects in it. */
export interface Trace {
  readonly evidence: Evidence;
  /** What it wraps, most telling first. */
  readonly inner: readonly Trace[];
  /** What it gathers: several failures of equal rank (an AggregateError). */
  readonly gathered: readonly Trace[];
}

/** Objects visited in one walk: far above any real chain, and an end to one that grows while it is read. */
const visitLimit = 64;

/** Where libraries keep the error they wrap: Node, Sequelize, TypeORM. */
const wrapKeys = ['cause', 'original', 'parent', 'driverError'] as const;

/** Everything that can be known from `error`, whatever it is. */
export function walk(error: unknown): Trace {
  const seen = new Set<unknown>();

  function isNew(value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false;
    if (seen.has(value) || seen.size >= visitLimit) return false;
    seen.add(value);
    return true;
  }

  function visit(value: unknown): Trace {
    const legacy = metaEvidence(value);
    const inner = [
      ...visitNew(read(read(value, 'meta'), 'driverAdapterError'), visitAdapterError),
      ...(legacy === undefined ? [] : [leaf(legacy)]),
      ...wrapKeys.flatMap((key) => visitNew(read(value, key), visitAny)),
    ];
    const gathered = readList(value, 'errors', 16).flatMap((each) => visitNew(each, visitAny));
    return { evidence: evidenceOf(value), inner, gathered };
  }

  /** Only a driver adapter's cause has a `kind` that means something; anybody's error may have one. */
  function visitAdapterError(value: unknown): Trace {
    const mapped = read(value, 'cause');
    if (readText(mapped, 'kind') === undefined) return visit(value);
    return { evidence: evidenceOf(value), inner: [leaf(mappedEvidence(mapped))], gathered: [] };
  }

  function visitAny(value: unknown): Trace {
    return readText(value, 'name') === 'DriverAdapterError'
      ? visitAdapterError(value)
      : visit(value);
  }

  function visitNew(value: unknown, as: (value: unknown) => Trace): readonly Trace[] {
    return isNew(value) ? [as(value)] : [];
  }

  seen.add(error);
  return visitAny(error);
}

function leaf(evidence: Evidence): Trace {
  return { evidence, inner: [], gathered: [] };
}
