/**
 * The names that every cell has beyond those of the language and Node.js, as declarations for the type checker. What
 * they do is made in `kernel/process/evaluate/runtime.ts` and `kernel/process/globals.ts`.
 */
/** Text of the declarations. */
export const GLOBALS = `
/** Shows a value below the cell. With an \`id\`, a later call with the same one replaces what is shown. */
declare function display(value: unknown, options?: { id?: string }): trialroom.DisplayHandle;
/** Asks the reader for text. Rejects when nobody can answer. */
declare function input(prompt?: string, options?: { /** Do not show what is typed. */ password?: boolean }): Promise<string>;
/** Asks the reader for text and blocks until it comes; null when nobody can answer. */
declare function prompt(message?: string, byDefault?: string): string | null;
/** Asks the reader whether to go on; true for yes. */
declare function confirm(message?: string): boolean;
/** Shows a message and waits until it was seen. */
declare function alert(message?: string): void;
declare namespace trialroom {
  /** What is shown below a cell, and can be shown again in another form. */
  interface DisplayHandle {
    readonly id: string;
    /** Replaces what is shown. */
    update(value: unknown): void;
  }
}
declare namespace JSX {
  /** What JSX makes: shown as HTML. */
  interface Element {
    readonly type: unknown;
    readonly props: { readonly [name: string]: unknown };
    /** The element as HTML. */
    toHtml(): string;
  }
  type ElementType = string | ((props: any) => unknown);
  interface ElementChildrenAttribute { children: {} }
  interface IntrinsicAttributes { key?: unknown }
  interface IntrinsicElements { [tag: string]: { children?: unknown; style?: string | Record<string, string | number | null | undefined>; [attribute: string]: unknown } }
}
`;
