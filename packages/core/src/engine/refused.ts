/** How a shot ends that is not let in (circuit breaker, bulkhead, rate limit), or whose waiting was ended. */
import { addCause, isClosed } from '../errors.js';
import { cancelled } from '../retry/decide.js';
import type { Course } from './course.js';
import { errorOf } from './failure.js';
import { tellRejected } from './telling.js';

/** What its caller gets. */
export function refused<T>(course: Course<T>, refusal: unknown): unknown {
  if (course.isCallersAbort(refusal)) return course.end(refusal, cancelled);
  const { message } = refusal as Error;
  tellRejected(course, refusal);
  if (course.timeLeft <= 0) return course.end(course.timeout(), message);
  const { last } = course;
  if (isClosed(refusal)) return course.end(addCause(refusal, errorOf(last)), message);
  // The database's own error says more than ours does.
  return course.end(last === undefined ? refusal : last.error, message);
}
