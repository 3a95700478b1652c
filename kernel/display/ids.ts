/** Ids of outputs that may be updated. */

let made = 0;
const PREFIX = `${process.pid.toString(36)}-${Date.now().toString(36)}`;

/** An id for an output that may be updated; unique across kernels. */
export const newDisplayId = (): string => `display-${PREFIX}-${++made}`;
