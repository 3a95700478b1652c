/** Words written in Markdown where there is one line for them: what marks them up is left out, what they say stays. */
export const plainWords = (markdown: string): string =>
  markdown.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/(\*\*|~~|`)/g, '');
