import { ManualClock, seededRandom } from '@carom/core/testing';
import { describe, expect, test } from '@jest/globals';
import { nextLimit, pause } from '../../src/outage/pace.js';
import { Prober } from '../../src/outage/prober.js';
import { askServer, type Finding, type Target } from '../../src/outage/question.js';
import { FakeServer, refused, saying } from './fake-server.js';

function setup({ target = 'writer' as Target, random = (): number => 0 } = {}) {
  const clock = new ManualClock();
  const server = new FakeServer();
  server.mood = refused;
  const asked: number[] = [];
  const answered: number[] = [];
  const prober: Prober = new Prober({
    clock,
    random,
    ask() {
      asked.push(clock.now());
      return askServer(server.connect, target, clock);
    },
    answered() {
      answered.push(clock.now());
      prober.stop();
    },
  });
  return { clock, server, prober, asked, answered };
}

describe('the pace', () => {
  test('100 to 250 ms for a minute, then more and more up to 5 s', () => {
    expect([pause(250, 0), pause(250, 0.999_999)]).toEqual([100, expect.closeTo(250, 2)]);
    expect(nextLimit(250, 59_999)).toBe(250);
    expect(nextLimit(250, 60_000)).toBe(375);
    expect(nextLimit(4_000, 90_000)).toBe(5_000);
    // A new outage is young again.
    expect(nextLimit(undefined, 0)).toBe(250);
  });

  test('of a prober, over ten minutes of refusals', async () => {
    const { clock, prober, asked } = setup({ random: seededRandom(7) });
    prober.start();
    await clock.advance(600_000);
    const gaps = asked.map((at, nth) => at - (asked[nth - 1] ?? 0));
    const young = gaps.filter((_, nth) => (asked[nth] ?? 0) <= 60_000);
    expect(Math.min(...young)).toBeGreaterThanOrEqual(100);
    expect(Math.max(...young)).toBeLessThanOrEqual(250);
    expect(young.length).toBeGreaterThan(60_000 / 250);
    const old = gaps.filter((_, nth) => (asked[nth] ?? 0) > 100_000);
    expect(Math.min(...old)).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(...old)).toBeLessThanOrEqual(5_000);
    // In 600 s about 340 for the first minute and 150 for the rest.
    expect(asked.length).toBeLessThan(560);
  });
});

test('a `random` that says nothing changes no pace', async () => {
  const { clock, prober, asked } = setup({ random: () => Number.NaN });
  prober.start();
  await clock.advance(10_000);
  const gaps = asked.map((at, nth) => at - (asked[nth - 1] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(250);
});

describe('a prober', () => {
  test('asks until there is an answer, and then no more', async () => {
    const { clock, prober, server, asked, answered } = setup();
    prober.start();
    await clock.advance(250);
    expect([asked, answered]).toEqual([[100, 200], []]);
    server.mood = 'well';
    await clock.advance(50);
    expect(answered).toEqual([300]);
    await clock.advance(60_000);
    expect([asked.length, server.open, clock.pending]).toEqual([3, 0, 0]);
  });

  test.each(['hangs', 'never connects'] as const)(
    'a server that %s is given two seconds; then it is hung up on, and asked again',
    async (mood) => {
      const { clock, prober, server, asked, answered } = setup();
      server.mood = mood;
      prober.start();
      await clock.advance(2_099);
      expect([server.open, server.hungUp]).toEqual([1, 0]);
      await clock.advance(1);
      expect([server.open, server.hungUp]).toEqual([0, 1]);
      await clock.advance(60_000);
      // Never two at once, whatever hangs.
      expect(server.most).toBe(1);
      expect(asked.slice(0, 3)).toEqual([100, 2_200, 4_300]);
      expect(answered).toEqual([]);
    },
  );

  test('nobody is kept alive by it: neither by its timers nor by its sockets', async () => {
    const { clock, prober, server } = setup();
    server.mood = 'hangs';
    prober.start();
    expect(clock.pending).toBe(0);
    await clock.advance(500);
    expect([server.open, server.held, clock.pending]).toEqual([1, 0, 0]);
  });

  test('an answer that comes after it was stopped decides nothing, nor in the next outage', async () => {
    const { clock, prober, server, asked, answered } = setup();
    server.mood = 'never connects';
    prober.start();
    await clock.advance(100);
    prober.stop();
    await clock.advance(100);
    server.mood = 'well';
    prober.start();
    await clock.advance(1_000);
    // The first question is still on its way: the second one waits for it.
    expect([asked, answered, server.most]).toEqual([[100], [], 1]);
    await clock.advance(1_000);
    expect([asked, answered]).toEqual([[100, 2_200], [2_200]]);
  });

  test('a late «up» is of the outage before: it is asked again', async () => {
    const clock = new ManualClock();
    const findings: ((finding: Finding) => void)[] = [];
    let answered = 0;
    const prober: Prober = new Prober({
      clock,
      random: () => 0,
      ask: () => new Promise((resolve) => findings.push(resolve)),
      answered() {
        answered += 1;
        prober.stop();
      },
    });
    prober.start();
    await clock.advance(100);
    prober.stop();
    prober.start();
    findings[0]?.({ isUp: true, why: 'it answers' });
    await clock.settle();
    expect([answered, findings.length]).toEqual([0, 1]);
    await clock.advance(100);
    findings[1]?.({ isUp: true, why: 'it answers' });
    await clock.settle();
    expect([answered, findings.length]).toEqual([1, 2]);
  });

  test('it can be stopped before it has asked', async () => {
    const { clock, prober, asked } = setup();
    prober.start();
    prober.stop();
    await clock.advance(10_000);
    expect(asked).toEqual([]);
  });

  test('when asking again makes sense: at the next question, or after the one on its way', async () => {
    const { clock, prober, server } = setup();
    server.mood = 'hangs';
    prober.start();
    await clock.advance(40);
    expect(prober.retryAfter).toBe(60);
    await clock.advance(100);
    expect(prober.retryAfter).toBe(250);
  });
});

describe('what counts as back', () => {
  const finds = async (mood: FakeServer['mood'], target: Target = 'writer') => {
    const server = new FakeServer();
    server.mood = mood;
    return await askServer(server.connect, target, new ManualClock());
  };

  test.each<[string, boolean, FakeServer['mood']]>([
    ['an answer', true, 'well'],
    ['refused', false, refused],
    ['57P03, starting up', false, saying('57P03')],
    ['57P01, going down', false, saying('57P01')],
    ['lost', false, saying('ECONNRESET')],
    ['no such name', false, saying('ENOTFOUND')],
    // The server is there; callers get to hear of it themselves.
    ['28P01', true, saying('28P01')],
    ['28000', true, saying('28000')],
    ['3D000', true, saying('3D000')],
    ['53300, full', true, saying('53300')],
    ['it does not know the question', true, 'puzzled'],
  ])('%s: %s', async (_name, isUp, mood) => {
    expect(await finds(mood)).toMatchObject({ isUp });
  });

  test('a standby is back for those who need any server, not for those who need a writer', async () => {
    expect(await finds('standby', 'any')).toMatchObject({ isUp: true });
    expect(await finds('standby')).toEqual({ isUp: false, why: 'it takes no writes' });
  });

  test('what was found is told by code, and never by address', async () => {
    const error = Object.assign(new Error('connect ECONNREFUSED 10.1.2.3:5432'), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
    });
    const { why } = await finds(error);
    expect(why).toMatch(/^ECONNREFUSED: /);
    expect(why).not.toMatch(/10\.1/);
  });
});
