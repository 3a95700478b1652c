/** What can be done to a row of the tree. */

import type { MenuItem } from '../components/pop-menu.tsx';
import { may } from '../data/me.ts';
import { download, type Files } from './files.ts';
import type { TreeRow } from './tree.ts';

/** The forms that a notebook can be taken away in. */
export function downloadsOf(id: string): MenuItem[] {
  return [
    {
      id: 'download-ipynb',
      text: 'Download as .ipynb',
      detail: 'For Jupyter and others; with outputs.',
      icon: 'download',
      act: () => download(id, 'ipynb'),
    },
    {
      id: 'download-ts',
      text: 'Download as .ts',
      detail: 'A script in percent format; without outputs.',
      icon: 'download',
      act: () => download(id, 'ts'),
    },
    {
      id: 'download-md',
      text: 'Download as Markdown',
      detail: 'To read: code, outputs and pictures in one file.',
      icon: 'download',
      act: () => download(id, 'md'),
    },
    {
      id: 'download-md-comments',
      text: 'Download as Markdown with comments',
      detail: 'The same, with what people said beside it.',
      icon: 'download',
      act: () => download(id, 'md', true),
    },
  ];
}

/** @param language of a notebook that is not ours */
export function itemsOf(row: TreeRow, files: Files, language: string | null): MenuItem[] {
  const change: MenuItem[] = [
    { id: 'rename', text: 'Rename', detail: 'F2', icon: 'pencil', act: () => files.setRenaming(row.path) },
    {
      id: 'move',
      text: 'Move to…',
      detail: 'Another folder; or drag it there.',
      icon: 'folder',
      act: () => files.setMoving(row),
    },
  ];
  const trash: MenuItem = {
    id: 'trash',
    text: 'Move to trash',
    detail:
      row.kind === 'folder' ? 'With all that is in it; it can be brought back.' : 'Delete; it can be brought back.',
    icon: 'trash',
    act: () => void files.trash(row),
  };
  if (row.kind === 'folder') return may('edit') ? [...change, trash] : [];
  const copy: MenuItem[] = [
    {
      id: 'duplicate',
      text: 'Duplicate',
      detail: 'A copy beside it, outputs included.',
      icon: 'copy',
      act: () => void files.duplicate(row.id),
    },
  ];
  if (language !== null) {
    copy.push({
      id: 'duplicate-ts',
      text: 'Duplicate as TypeScript',
      detail: `A copy to change and run; its ${language} code stays to be rewritten.`,
      icon: 'copy',
      act: () => void files.duplicate(row.id, 'typescript'),
    });
  }
  return may('edit') ? [...change, ...copy, ...downloadsOf(row.id), trash] : downloadsOf(row.id);
}
