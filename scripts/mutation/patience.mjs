// Stryker does not hand jest's own `testTimeout` on. Longer than any test takes with its instruments in the code.
import { jest } from '@jest/globals';

jest.setTimeout(30_000);
