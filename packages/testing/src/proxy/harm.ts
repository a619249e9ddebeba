/** Harm is what each kind of fault does to a connection once it has fired. */
import type { AnswerWatch } from './answer.js';
import type { Fired } from './fault-queue.js';
import type { Ending, Fault } from './faults.js';
import type { Message } from './messages.js';

/** A statement that was passed on, and whose answer is to be spoilt. */
export interface Spoilt {
  /** The server has all that it needs to answer. */
  readonly onAsked?: () => void;
  /** Decides over a message of the answer; `last` when it completes it. */
  readonly onAnswer: (message: Message, last: boolean, watch: AnswerWatch) => void;
  /** The server has gone instead of answering. */
  readonly onServerEnd?: () => void;
}

/** What can be done to a connection. */
export interface Link {
  /** Passes a message on to the server, or one of the server's to the client. */
  pass(message: Message): void;
  tell(message: Message): void;
  /** Passes it on, and gives the answer to `spoilt`. */
  spoil(message: Message, spoilt: Spoilt): void;
  /** Nothing passes in either direction until each reason has been thawed. */
  freeze(reason: string): void;
  thaw(reason: string): void;
  cutClient(how: Ending): void;
  /** Ends the server's side; what it still says is not heard. */
  leaveServer(): void;
  /** Has `release` called by the proxy's `resume()`. */
  untilResumed(release: () => void): void;
  atClose(action: () => void): void;
}

type Harm<Kind extends Fault['kind']> = (
  link: Link,
  message: Message,
  fault: Extract<Fault, { kind: Kind }>,
  done: { readonly fired: () => void; readonly settled: () => void },
) => void;

/** The last that a client gets to hear of a statement. */
const completions = new Set(['C', 's', 'I', 'E', 'Z']);

const cut: Harm<'cut'> = (link, message, { when, how = 'fin' }, { fired }) => {
  const cutClient = (): void => {
    link.cutClient(how);
    fired();
  };
  if (when === 'before') {
    cutClient();
    link.leaveServer();
    return;
  }
  const atOnce = when === 'after-server';
  link.spoil(message, {
    ...(atOnce ? { onAsked: cutClient } : { onServerEnd: cutClient }),
    onAnswer: (_message, last) => {
      if (!last) return;
      if (!atOnce) cutClient();
      link.leaveServer();
    },
  });
};

const partialRows: Harm<'partialRows'> = (link, message, { rows, how = 'fin' }, { fired }) => {
  let over = false;
  const cutClient = (): void => {
    if (over) return;
    over = true;
    link.cutClient(how);
    fired();
  };
  link.spoil(message, {
    onServerEnd: cutClient,
    onAnswer: (answer, last, watch) => {
      if (watch.rows > rows || completions.has(answer.type)) cutClient();
      if (!over) link.tell(answer);
      if (last) link.leaveServer();
    },
  });
};

/** Freezes the connection before or after the server has the message; `wait` is given what releases it. */
function hold(
  link: Link,
  message: Message,
  when: 'before' | 'after-server',
  fired: () => void,
  wait: (release: () => void) => void,
): void {
  const reason = 'held';
  const freeze = (): void => {
    link.freeze(reason);
    fired();
  };
  if (when === 'after-server') {
    link.spoil(message, { onAsked: freeze, onAnswer: (answer) => link.tell(answer) });
    wait(() => link.thaw(reason));
    return;
  }
  freeze();
  wait(() => {
    link.pass(message);
    link.thaw(reason);
  });
}

const stall: Harm<'stall'> = (link, message, { when = 'before' }, { fired, settled }) =>
  hold(link, message, when, fired, (release) => {
    link.untilResumed(() => {
      release();
      settled();
    });
  });

const delay: Harm<'delay'> = (link, message, { when = 'before', ms }, { fired, settled }) =>
  hold(link, message, when, fired, (release) => {
    const timer = setTimeout(() => {
      release();
      settled();
    }, ms);
    link.atClose(() => clearTimeout(timer));
  });

const blackHole: Harm<'blackHole'> = (link, message, { when = 'before' }, { fired }) =>
  hold(link, message, when, fired, () => undefined);

const harms: { readonly [Kind in Fault['kind']]: Harm<Kind> } = {
  cut,
  partialRows,
  stall,
  delay,
  blackHole,
};

/** Does to a connection what a fault says; `message` is the one that set it off, not passed on yet. */
export function harm(link: Link, message: Message, { fault, fired, settled }: Fired): void {
  link.atClose(settled);
  // Each kind with its own: the compiler cannot see that the two unions go together.
  const act = harms[fault.kind] as Harm<Fault['kind']>;
  act(link, message, fault, { fired, settled });
}
