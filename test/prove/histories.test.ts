/** The histories in short: every client at every level under every fault of the server, and nothing that a level forbids. */
import { needs } from '@carom/testing';
import { expect, test } from '@jest/globals';
import { levels } from '../../bench/prove/histories/checker/level.js';
import { clientNames } from '../../bench/prove/histories/clients/clients.js';
import { serverFaults } from '../../bench/prove/histories/faults/schedule.js';
import { playHistories } from '../../bench/prove/histories/play.js';

needs('standby', test)(
  'two seconds of trouble',
  async () => {
    const lines: string[] = [];
    const result = await playHistories({ seed: 1, seconds: 2, say: (line) => lines.push(line) });
    const carom = result.histories.filter(({ client }) => client !== 'by hand');
    expect(carom.flatMap(({ evidence }) => evidence)).toEqual([]);
    expect(result).toMatchObject({ seed: 1, seconds: 2, ok: true });
    expect(result.histories).toHaveLength(clientNames.length * levels.length * 2);
    for (const { transactions, ok, failed, unknown } of result.histories) {
      expect(transactions).toBeGreaterThan(0);
      expect(ok + failed + unknown).toBe(transactions);
    }
    expect(Object.keys(result.faults)).toEqual(expect.arrayContaining([...serverFaults]));
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(lines[0]).toContain('Starting PostgreSQL');
  },
  120_000,
);
