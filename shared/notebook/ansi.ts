/** Terminal colours, taken out. */
const ESCAPE = String.fromCharCode(27);
const CODES = new RegExp(`${ESCAPE}\\[[0-9;?]*[A-Za-z]`, 'g');

/** The text without what tells a terminal how to show it. */
export const ansiless = (text: string): string => text.replaceAll(CODES, '');
