/** What a page sees of a topic it watches. */
export interface Watched<View> {
  /** `loading` until the first snapshot; `refused` when the server will not, or cannot, show it. */
  status: 'loading' | 'ready' | 'refused';
  /** Why it was refused. */
  error: string | null;
  /** The newest state; kept while the connection is down. Null only before the first snapshot. */
  value: View | null;
}
