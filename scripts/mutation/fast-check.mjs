// Property tests with few cases, always the same: hundreds of mutants are played through each of them.
import * as whole from '../../node_modules/fast-check/lib/fast-check.js';

const most = 25;

whole.configureGlobal({ seed: 20261124, numRuns: most });

export default {
  ...whole,
  assert: (property, { numRuns = most, ...rest } = {}) =>
    whole.assert(property, { ...rest, numRuns: Math.min(numRuns, most) }),
};
