/** The demo, from end to end and in earnest, as short as it can be. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { skipReason } from '@carom/testing';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { faultKinds } from '../../demo/faults/kinds.js';
import type { Lane, LaneGroup } from '../../demo/report/lanes.js';

interface Run {
  readonly code: number | null;
  readonly output: string;
}

/** Everything that this demo makes is in here, so that what it leaves behind can be told from what is others'. */
let folder = '';

async function demo(...args: string[]): Promise<Run> {
  const child = spawn(
    process.execPath,
    ['--conditions=@carom/source', '--import', 'tsx', 'demo/main.ts', ...args],
    { env: { ...process.env, TMPDIR: folder }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

/** Processes whose command line names the folder. */
function processes(): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')];
      } catch {
        return []; // It ended meanwhile.
      }
    })
    .filter((line) => line.includes(folder));
}

/** The lanes of Carom's run, out of the page's data. */
function lanesIn(page: string): (name: string) => Lane | undefined {
  const [, data = '[]'] = /const runs = (.*);<\/script>/.exec(page) ?? [];
  const runs = JSON.parse(data) as { name: string; groups: LaneGroup[] }[];
  const lanes = runs.find(({ name }) => name === 'carom')?.groups.flatMap((group) => group.lanes);
  return (name) => lanes?.find((lane) => lane.name === name);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'carom-demo-'));
  // PostgreSQL does not run as root: its user must be able to get there.
  chmodSync(folder, 0o755);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const reason = skipReason('standby');
const whole = reason === undefined ? test : test.skip;

describe('the demo', () => {
  whole(
    `doubles and loses nothing in Carom's run${reason === undefined ? '' : ` (${reason})`}`,
    async () => {
      const [json, report] = [join(folder, 'numbers.json'), join(folder, 'page.html')];
      const args = ['--seconds', '9', '--seed', '7', '--json', json, '--report', report];
      const { code, output } = await demo(...args);
      expect(output).toContain('longest stall');
      const found = JSON.parse(readFileSync(json, 'utf8'));
      expect(found).toMatchObject({ seed: 7, seconds: 9 });
      expect(found.strategies.carom).toMatchObject({
        duplicates: 0,
        lost: 0,
        lies: 0,
        brokenAccounts: 0,
      });
      expect({ code, output: code === 0 ? '' : output }).toEqual({ code: 0, output: '' });

      expect(Object.keys(found.faults)).toEqual([...faultKinds, 'total']);
      for (const kind of faultKinds) expect(found.faults[kind]).toBeGreaterThan(0);
      expect(Object.keys(found.strategies)).toEqual(['none', 'naive', 'carom']);
      for (const numbers of Object.values<Record<string, unknown>>(found.strategies)) {
        for (const name of ['shots', 'failed', 'duplicates', 'lost', 'unknown', 'longestStall']) {
          expect(numbers[name]).toEqual(expect.any(Number));
        }
        expect(numbers['shots']).toBe(found.strategies.none.shots);
        expect(numbers['p50']).toEqual(expect.any(Number));
        expect(numbers['p99']).toEqual(expect.any(Number));
      }
      const page = readFileSync(report, 'utf8');
      expect(page).toContain('--seed 7');
      const lanes = lanesIn(page);
      // What the events told is what the callers were told.
      expect(lanes('unknown')?.marks.length).toBe(found.strategies.carom.unknown);
      expect(Math.max(...(lanes('thrown away')?.bars ?? []))).toBeGreaterThan(0);
      expect(found.strategies.carom.retries).toBeGreaterThan(0);

      if (process.platform === 'linux') expect(processes()).toEqual([]);
    },
    120_000,
  );
});
