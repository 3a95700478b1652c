/** Panels of a room as a test sees them. */
import type { Locator } from 'playwright-core';
import { expect } from 'vitest';

/**
 * Scrolls until what a room's panel holds is there. A panel has a body and controls only while it is near the screen,
 * and what is above it may grow as it comes near, and push it off again.
 */
export async function comes(panel: Locator, thing = panel.locator('.panel-body > *').first()): Promise<void> {
  await expect
    .poll(
      async () => {
        await panel.scrollIntoViewIfNeeded();
        return thing.isVisible();
      },
      { timeout: 60_000 },
    )
    .toBe(true);
}
