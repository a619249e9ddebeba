/** What an error code means: the verdict in each phase, and what is done about it. */
import {
  classify,
  type FailedOutcome,
  type Phase,
  sampleError,
  type Verdict,
} from '@carom/postgres';
import { type Decision, decisionOn } from './decision.js';
import { contextOf, type Stage, stages } from './stage.js';

/** What a code means where the work had come so far. */
export interface PhaseExplanation extends Decision {
  readonly phase: Phase;
  readonly inTransaction: boolean;
  readonly kind: Verdict['kind'];
  /** What became of the work. */
  readonly outcome: FailedOutcome;
  readonly connection: Verdict['connection'];
  /** Why this verdict. */
  readonly reason: string;
}

/** What a code means. */
export interface CodeExplanation {
  readonly code: string;
  /** In one line. */
  readonly meaning: string;
  readonly kind: Verdict['kind'];
  readonly phases: readonly PhaseExplanation[];
}

/** Which of it is asked for. */
export interface Question {
  /** Default: all. */
  readonly phase?: Phase | undefined;
  /** Default: both, of a statement. */
  readonly inTransaction?: boolean | undefined;
  /** Whether the server ended the session with it. Default: as the code has it. */
  readonly fatal?: boolean | undefined;
}

/** Explains a SQLSTATE, a Node code, a Prisma code or one of Carom's; undefined for what is none that is known. */
export function explainCode(code: string, question: Question = {}): CodeExplanation | undefined {
  const error = sampleError(code, question.fatal);
  if (error === undefined) return undefined;
  // As a statement on its own the row says what it is, without what a phase adds.
  const { kind, reason } = classify(error, { phase: 'rollback' });
  return { code, meaning: reason, kind, phases: asked(question).map((stage) => at(error, stage)) };
}

function asked({ phase, inTransaction }: Question): readonly Stage[] {
  return stages.filter(
    (stage) =>
      (phase === undefined || stage.phase === phase) &&
      (inTransaction === undefined ||
        stage.phase !== 'statement' ||
        stage.inTransaction === inTransaction),
  );
}

function at(error: object, stage: Stage): PhaseExplanation {
  const verdict = classify(error, contextOf(stage));
  const { kind, outcome, connection, reason } = verdict;
  const { phase, inTransaction } = stage;
  return { phase, inTransaction, kind, outcome, connection, reason, ...decisionOn(verdict, stage) };
}
