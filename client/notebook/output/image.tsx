/** A picture. SVG is drawn as an image, where its scripts and links are dead. */
import type { JSX } from 'solid-js';
import { z } from 'zod';
import { textOf } from './choose.ts';

const Size = z.object({ width: z.number().positive(), height: z.number().positive() }).partial();

/** A picture of a cell. */
export function ImageOutput(props: { mime: string; data: unknown; metadata: unknown; plain: unknown }): JSX.Element {
  const source = (): string =>
    props.mime === 'image/svg+xml'
      ? `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(props.data))}`
      : `data:${props.mime};base64,${textOf(props.data).replace(/\s/g, '')}`;
  const size = () => {
    const parsed = Size.safeParse(props.metadata);
    return parsed.success ? parsed.data : {};
  };
  return (
    <img
      class="image-out"
      src={source()}
      alt={typeof props.plain === 'string' && props.plain !== '' ? props.plain : 'Image made by this cell'}
      width={size().width}
      height={size().height}
    />
  );
}
