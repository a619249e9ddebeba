// Many a mutant hangs, and nobody wants to wait a minute for each: a test that is fast must stay so.
import { expect, jest } from '@jest/globals';
import { isSlow } from './slow.mjs';

jest.setTimeout(isSlow(expect.getState().testPath) ? 30_000 : 3_000);
