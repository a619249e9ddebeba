/** Percentiles by the nearest rank: always a value that was measured. */

/**
 * The smallest of `values` that at least `share` of them (0 to 1) do not exceed; undefined where there are none.
 */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
