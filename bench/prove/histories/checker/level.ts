/** The isolation levels of Postgres, from weak to strong, and which anomalies each of them forbids. */

export const levels = ['read committed', 'repeatable read', 'serializable'] as const;

export type Level = (typeof levels)[number];

/** From which level on each anomaly is forbidden, and what it is. */
const anomalies = {
  // What no level allows, and no client may make of it: writes done twice, and lies.
  duplicate: ['read committed', 'a write that is there more than once'],
  'false-rollback': ['read committed', 'a write that is there, reported as not done'],
  'lost-write': ['read committed', 'a write that is not there, reported as done'],
  'torn-write': ['read committed', 'a transaction of which only a part is there'],
  invented: ['read committed', 'a write that nobody asked for'],
  // What the database answers, under any level.
  G0: ['read committed', 'dirty write: a cycle of overwrites'],
  'aborted-read': ['read committed', 'G1a: a read of what was rolled back'],
  'intermediate-read': ['read committed', 'G1b: a read of what its writer changed again'],
  G1c: ['read committed', 'a cycle of overwrites and reads'],
  'incompatible-order': ['read committed', 'two reads that no one order of writes explains'],
  internal: ['read committed', "a read that misses the transaction's own writes"],
  'stale-read': ['read committed', 'a read that misses what was acknowledged before it began'],
  'wrong-balance': ['read committed', 'a balance that is not the sum of its entries'],
  // What a snapshot forbids (REPEATABLE READ of Postgres is snapshot isolation).
  'lost-update': ['repeatable read', 'a write over a version that its writer had not read'],
  'G-single': ['repeatable read', 'a cycle with one anti-dependency: read skew'],
  'G-nonadjacent': ['repeatable read', 'a cycle whose anti-dependencies never meet'],
  'wrong-total': ['repeatable read', 'a sum that transfers cannot change, seen changed'],
  // What only SERIALIZABLE forbids.
  'G2-item': ['serializable', 'a cycle of anti-dependencies that meet: write skew'],
  overdraft: ['serializable', 'two accounts drawn below zero together: write skew'],
} as const satisfies Readonly<Record<string, readonly [Level, string]>>;

export type AnomalyKind = keyof typeof anomalies;

/** One finding of the checker, with its evidence for a person. */
export interface Anomaly {
  readonly kind: AnomalyKind;
  readonly text: string;
}

export const anomalyKinds: readonly AnomalyKind[] = Object.keys(anomalies) as AnomalyKind[];

/** What an anomaly is, in a few words. */
export const meaningOf = (kind: AnomalyKind): string => anomalies[kind][1];

/** The weakest level that forbids an anomaly. */
export const forbiddenFrom = (kind: AnomalyKind): Level => anomalies[kind][0];

/** Whether a level forbids an anomaly. */
export const forbids = (level: Level, kind: AnomalyKind): boolean =>
  levels.indexOf(level) >= levels.indexOf(forbiddenFrom(kind));
