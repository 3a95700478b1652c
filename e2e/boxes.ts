/** Whether what people press and write into has a place of its own, measured in the browser. */
import type { Locator } from 'playwright-core';

/** Less than this, in CSS pixels, is the rounding of borders. */
const SLACK = 1;

/**
 * What is wrong with the places of the controls within an element, in words; empty when all is well: two that cover each
 * other, or one that sticks out of the element at its left or right and is not scrolled into sight there.
 * @param apart selector of controls that stand outside on purpose
 */
export async function crowding(within: Locator, apart = ':not(*)'): Promise<string[]> {
  return within.evaluate(
    (box, { apart, slack }) => {
      const frame = box.getBoundingClientRect();
      const controls = [...box.querySelectorAll<HTMLElement>('button, input, select, textarea, a[href], summary')]
        .filter((one) => !one.matches(apart) && one.getClientRects().length > 0)
        .map((one) => ({ one, at: one.getBoundingClientRect() }));
      const named = ({ one }: { one: HTMLElement }): string =>
        one.getAttribute('aria-label') ?? one.closest('label')?.querySelector('span')?.textContent ?? one.tagName;
      // What is scrolled sideways within the element is reached there.
      const scrolled = (one: Element | null): boolean =>
        one !== null && one !== box && (one.scrollWidth > one.clientWidth + slack || scrolled(one.parentElement));
      const wrong = controls
        .filter(({ one }) => !scrolled(one.parentElement))
        .filter(({ at }) => at.left < frame.left - slack || at.right > frame.right + slack)
        .map((out) => `${named(out)} sticks out`);
      for (const [place, a] of controls.entries()) {
        for (const b of controls.slice(place + 1)) {
          if (a.one.contains(b.one) || b.one.contains(a.one)) continue;
          const across = Math.min(a.at.right, b.at.right) - Math.max(a.at.left, b.at.left);
          const down = Math.min(a.at.bottom, b.at.bottom) - Math.max(a.at.top, b.at.top);
          if (across > slack && down > slack) wrong.push(`${named(a)} and ${named(b)} share a place`);
        }
      }
      return wrong;
    },
    { apart, slack: SLACK },
  );
}
