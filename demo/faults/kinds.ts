/** The kinds of faults: what a mark in the timeline stands for. */

export const faultKinds = [
  'kill-backends',
  'deadlock',
  'commit-lost-fin',
  'commit-lost-rst',
  'answer-lost-fin',
  'answer-lost-rst',
  'write-lost-fin',
  'write-lost-rst',
  'write-answer-lost-fin',
  'write-answer-lost-rst',
  'restart-fast',
  'restart-immediate',
  'promote',
] as const;

export type FaultKind = (typeof faultKinds)[number];

/** How a fault is shown. A letter beside the colour: colour alone says nothing to many people. */
export interface FaultText {
  readonly letter: string;
  readonly title: string;
}

/** A cut of a connection, as the fault proxy takes it. */
export interface Cut {
  readonly target: 'commit' | 'write';
  readonly when: 'before' | 'after-answer';
  readonly how: 'fin' | 'rst';
}

/** The faults that the proxy plays: the connection ends in the worst moment. */
export const cuts: Readonly<Partial<Record<FaultKind, Cut>>> = {
  'commit-lost-fin': { target: 'commit', when: 'before', how: 'fin' },
  'commit-lost-rst': { target: 'commit', when: 'before', how: 'rst' },
  'answer-lost-fin': { target: 'commit', when: 'after-answer', how: 'fin' },
  'answer-lost-rst': { target: 'commit', when: 'after-answer', how: 'rst' },
  'write-lost-fin': { target: 'write', when: 'before', how: 'fin' },
  'write-lost-rst': { target: 'write', when: 'before', how: 'rst' },
  'write-answer-lost-fin': { target: 'write', when: 'after-answer', how: 'fin' },
  'write-answer-lost-rst': { target: 'write', when: 'after-answer', how: 'rst' },
};

/** Faults of the server as a whole: one at a time, each with a time without a server. */
export const serverFaults = ['restart-fast', 'restart-immediate', 'promote'] as const;

const endings = { fin: 'closed', rst: 'reset' } as const;

function cutText({ target, when, how }: Cut): FaultText {
  const what = target === 'commit' ? 'COMMIT' : 'INSERT';
  const lost = when === 'before' ? `${what} lost on its way` : `answer to ${what} lost on its way`;
  return { letter: target === 'commit' ? 'C' : 'W', title: `${lost}, connection ${endings[how]}` };
}

const others: Readonly<Partial<Record<FaultKind, FaultText>>> = {
  'kill-backends': { letter: 'K', title: 'connections killed by the server' },
  deadlock: { letter: 'D', title: 'deadlocks provoked' },
  'restart-fast': { letter: 'R', title: 'server restarted (fast)' },
  'restart-immediate': { letter: 'R', title: 'server crashed and restarted (immediate)' },
  promote: { letter: 'P', title: 'server lost, standby promoted' },
};

/** For people. */
export function faultText(kind: FaultKind): FaultText {
  const cut = cuts[kind];
  return cut === undefined ? (others[kind] ?? { letter: '?', title: kind }) : cutText(cut);
}
