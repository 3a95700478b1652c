/** What the page that is open adds to the palette. */
import { createRoot, createSignal, onCleanup } from 'solid-js';
import type { IconName } from '../components/icons.ts';

export interface PageOffer {
  id: string;
  text: string;
  detail: string;
  icon: IconName;
  act: () => void;
}

const [offers, setOffers] = createRoot(() => createSignal<() => readonly PageOffer[]>(() => []));

/** What the page offers now. */
export const pageOffers = (): readonly PageOffer[] => offers()();

/** Offers these for as long as the calling component lives. */
export function offerInPalette(list: () => readonly PageOffer[]): void {
  setOffers(() => list);
  onCleanup(() => setOffers((now) => (now === list ? () => [] : now)));
}
