/** Bounded values keep the number of time series finite (cardinality): after so many different ones, the rest are one. */

/** What stands for the rest, by the semantic conventions. */
export const other = '_OTHER';

/** Lets the first `limit` different values through. */
export function bounded(limit: number): (value: string) => string {
  const known = new Set<string>();
  return (value) => {
    if (known.has(value)) return value;
    if (known.size >= limit) return other;
    known.add(value);
    return value;
  };
}
