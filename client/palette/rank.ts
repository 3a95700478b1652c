/** Orders what the palette offers by how well it fits what was typed. */

/**
 * Those whose text holds every typed word, best first: words that begin a word of the text count most, earlier places
 * before later, shorter texts before longer. With nothing typed the order stays.
 */
export function rank<T>(typed: string, items: readonly T[], textOf: (item: T) => string): T[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...items];
  return items
    .map((item) => ({ item, score: score(words, textOf(item).toLowerCase()) }))
    .filter(({ score }) => score > Number.NEGATIVE_INFINITY)
    .sort((a, b) => b.score - a.score)
    .map(({ item }) => item);
}

function score(words: readonly string[], text: string): number {
  let sum = -text.length / 1000;
  for (const word of words) {
    const at = text.indexOf(word);
    if (at < 0) return Number.NEGATIVE_INFINITY;
    const begins = wordStart(text, word);
    sum += begins >= 0 ? 10 - begins / 100 : 1 - at / 100;
  }
  return sum;
}

function wordStart(text: string, word: string): number {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    if (at === 0 || /[\s/,.:_-]/.test(text[at - 1] ?? '')) return at;
  }
  return -1;
}
