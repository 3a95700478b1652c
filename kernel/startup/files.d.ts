/** URLs of what a kernel process loads. */
export interface KernelFiles {
  /** The main thread, which runs cells. */
  main: string;
  /** The thread that is always awake. */
  supervisor: string;
  /** What cells get for `import "trialroom"`. */
  library: string;
}

/** Folder of the bundles, with a slash at its end. */
export const BUNDLES: URL;

/** The sources, which are always there. */
export function sourceFiles(): KernelFiles;

/**
 * The bundles of a folder where they were made from the sources below `root` as these are now, otherwise the sources.
 * Both default to this kernel's own. `TRIALROOM_KERNEL_SOURCES=1` in the environment: the sources in any case.
 */
export function kernelFiles(bundles?: URL, root?: string): KernelFiles;

/** What a file is known by to be as it was: its size in bytes and when it was written, in seconds. Undefined: there is none. */
export function markOf(path: string): string | undefined;
