/** Process-wide state: one value per process, shared by the ESM and the CommonJS copy of Carom. */

/**
 * Returns the value kept under `name`, made by `create` at the first call in this process.
 * The key is a `Symbol.for`, so a second copy of the package finds the first one's value.
 */
export function processWide<T>(name: string, create: () => T): T {
  const key = Symbol.for(`carom.${name}`);
  const store = globalThis as { [key: symbol]: unknown };
  store[key] ??= create();
  return store[key] as T;
}
