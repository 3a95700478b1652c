/** Property tests try the same cases on every machine: a failure is a fact about the code, not about the day. */
import fc from 'fast-check';

fc.configureGlobal({ seed: 20_261_121 });
