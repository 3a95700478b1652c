/** Whether a text is a whole cell, told by the parser that also compiles cells; a request for help (`x?`) always is. */
import { type Completeness, completeness as judge } from '@trialroom/shared/jupyter/completeness';
import { helpOn } from '@trialroom/shared/jupyter/help';
import { parseSync } from 'oxc-parser';

/** Answers `is_complete_request`. */
export const completeness = (code: string): Completeness =>
  helpOn(code) === undefined
    ? judge(code, (file, text) => parseSync(file, text, { sourceType: 'module' }).errors)
    : { status: 'complete' };
