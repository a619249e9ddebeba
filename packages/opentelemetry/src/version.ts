/** The version of this package, which spans and metrics carry; a test compares it with the manifest. */
export const version = '0.1.0';
