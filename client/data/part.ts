/**
 * Fetches a part of the app that comes when it is first wanted, and fetches it again after it could not be had. A browser
 * may remember for as long as the page lives that a module's address failed, and then says so without asking the server:
 * each further attempt is therefore made under an address of its own.
 */

/**
 * What imports the part, again and again until it has come once.
 * @param load one `import()` of the part, which must not be imported by anything else: two addresses are two modules
 */
export function partOf<Part>(load: () => Promise<Part>): () => Promise<Part> {
  let failedAt: string | null = null;
  let attempts = 0;
  let had: Promise<Part> | undefined;
  const fetchPart = async (): Promise<Part> => {
    try {
      if (failedAt === null) return await load();
      const part: Part = await import(/* @vite-ignore */ `${failedAt}?attempt=${++attempts}`);
      return part;
    } catch (error) {
      failedAt ??= addressIn(error);
      throw error;
    }
  };
  return () => {
    had ??= fetchPart();
    had.catch(() => {
      had = undefined;
    });
    return had;
  };
}

/** The address that a browser names when it could not fetch a module; null when it names none, and may be asked again. */
export const addressIn = (error: unknown): string | null =>
  error instanceof TypeError ? (/https?:\/\/[^\s?#]+/.exec(error.message)?.[0] ?? null) : null;
