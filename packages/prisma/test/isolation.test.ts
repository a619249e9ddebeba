/** The isolation level with BEGIN: only what surely is one is put into a text. */
import { describe, expect, test } from '@jest/globals';
import { isolationOf } from '../src/isolation.js';

describe('the isolation level', () => {
  test.each(['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'])(
    '%s goes with BEGIN',
    (level) => {
      expect(isolationOf(level)).toEqual({
        begin: `BEGIN ISOLATION LEVEL ${level}`,
        statement: `SET TRANSACTION ISOLATION LEVEL ${level}`,
      });
    },
  );

  test.each([undefined, '', 'SNAPSHOT', 'SERIALIZABLE; DROP TABLE marks', 1])(
    'what is none does not: %p',
    (level) => {
      expect(isolationOf(level)).toBeUndefined();
    },
  );
});
