/**
 * Numbers that a kernel and its parent must agree on, apart from the messages so that a kernel can start without
 * loading the schemas.
 */

/** Bytes a kernel may send ahead of the parent's `credit` before printing blocks. */
export const OUTPUT_WINDOW = 8 * 1024 * 1024;

/** The answer to a question that says there will be none: what Ctrl-D gives, and what Jupyter's console sends for it. */
export const END_OF_INPUT = '\u0004';

/** Exit code of a kernel whose process went over its memory limit (`--memory`); state is lost. */
export const EXIT_OUT_OF_MEMORY = 77;

/** Exit code of a kernel that was started wrongly: bad arguments, or a socket nobody listens on. */
export const EXIT_BAD_START = 78;

/** Exit code of a kernel that was sent something that is no frame; what follows it cannot be read any more. */
export const EXIT_BAD_LINE = 79;

/** Raised when a message's meaning changes; both sides say theirs in `hello` and refuse a stranger. */
export const PROTOCOL_VERSION = 2;
