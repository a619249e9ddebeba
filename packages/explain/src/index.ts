/** @carom/explain: what an error code means, and whether the work behind it is played again. */
export { type CodeExplanation, explainCode, type PhaseExplanation } from './explain-code.js';
