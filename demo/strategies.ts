/** The three strategies that play the same load against the same faults. */

export const strategies = ['none', 'naive', 'carom'] as const;

export type StrategyName = (typeof strategies)[number];

/** What a person is told about them. */
export const strategyTexts: Readonly<Record<StrategyName, { title: string; about: string }>> = {
  none: {
    title: 'no strategy',
    about: 'The bare clients. Whatever goes wrong reaches the customer as an error.',
  },
  naive: {
    title: 'hand-written loop',
    about: 'The retry loop that people write by hand: 3 tries on any error, 100 ms apart.',
  },
  carom: {
    title: 'Carom',
    about: 'The same clients, each wrapped in one line, with the default settings.',
  },
};
