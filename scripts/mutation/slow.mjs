/** Tests that take seconds: the last ones to run on a mutant, since most mutants are found without them. */
const slow = /property|regressions|(window|budget|compartment|throttle|bad-input|records)\.test/;

export const isSlow = (file) => slow.test(file);
