// Property tests try the same cases in every run, so that a red one is the change's doing. Another
// CAROM_SEED tries others; a failure prints what it takes to repeat it.
import fc from 'fast-check';

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  seed: Number(process.env.CAROM_SEED ?? 20261124),
});
