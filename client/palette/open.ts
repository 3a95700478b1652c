/** Whether the palette is open; apart from the palette itself, so that any page can open it. */
import { createRoot, createSignal } from 'solid-js';

const [isOpen, setOpen] = createRoot(() => createSignal(false));

export const paletteIsOpen = isOpen;
export const openPalette = (): void => void setOpen(true);
export const closePalette = (): void => void setOpen(false);
