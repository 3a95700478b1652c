/** Which version is being looked at, and beside which other: it is in the address, so that it can be linked to. */
import { useSearchParams } from '@solidjs/router';
import type { Accessor } from 'solid-js';

/** What a version is held against: the one before it, the notebook as it is now, or another version's id. */
export type Against = 'before' | 'now' | (string & {});

interface Search extends Record<string, string | undefined> {
  version?: string;
  compare?: string;
}

/** Id of the version in the address; undefined when there is none. */
export function lookedAt(): Accessor<string | undefined> {
  const [search] = useSearchParams<Search>();
  return () => (typeof search.version === 'string' && search.version !== '' ? search.version : undefined);
}

/** What is looked at, and how to look at something else. */
export function createLook() {
  const [search, setSearch] = useSearchParams<Search>();
  return {
    version: lookedAt(),
    against: (): Against => (typeof search.compare === 'string' && search.compare !== '' ? search.compare : 'before'),
    open: (version: string): void =>
      setSearch({ version, compare: search.compare === 'now' ? 'now' : undefined }, { scroll: false }),
    hold: (against: Against): void =>
      setSearch({ compare: against === 'before' ? undefined : against }, { replace: true, scroll: false }),
    close: (): void => setSearch({ version: undefined, compare: undefined }, { scroll: false }),
  };
}
