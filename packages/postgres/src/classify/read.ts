/** Reading is looking into a value that anyone may have thrown: nothing in it can make the reader throw. */

/** `value[key]`, or `undefined` where there is nothing or where looking throws. */
export function read(value: unknown, key: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

/** `value[key]` where it is a string that says something. */
export function readText(value: unknown, key: string): string | undefined {
  const found = read(value, key);
  return typeof found === 'string' && found !== '' ? found : undefined;
}

/** The first `limit` elements of `value[key]`; none where it is not an array. */
export function readList(value: unknown, key: string, limit: number): readonly unknown[] {
  const found = read(value, key);
  try {
    // A proxy may lie about its length or throw on any index; a revoked one throws here.
    return Array.isArray(found) ? Array.prototype.slice.call(found, 0, limit) : [];
  } catch {
    return [];
  }
}
