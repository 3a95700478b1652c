/** A value too big for the page: how it begins, and where the whole of it is. Pictures are shown all the same. */
import { createMemo, For, type JSX, Show } from 'solid-js';
import { type BlobPart, blobAddress, blobsOf } from './blob-data.ts';
import { size } from './size.ts';
import { TextOutput } from './text.tsx';

const PICTURE = /^image\/(png|jpeg|gif|webp)$/;

/** A value too big for the page: its beginning, and the way to the whole of it. */
export function BlobOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  const blobs = createMemo(() => blobsOf(props.data));
  const picture = () => blobs().find(({ mime }) => PICTURE.test(mime));
  return (
    <Show when={blobs()[0]} fallback={<TextOutput text={props.plain} />}>
      {(first) => (
        <>
          <Show when={picture()} fallback={<TextOutput text={first().preview || props.plain || ''} />}>
            {(blob) => (
              <img
                class="image-out"
                src={blobAddress(blob())}
                alt={typeof props.plain === 'string' && props.plain !== '' ? props.plain : 'Image made by this cell'}
              />
            )}
          </Show>
          <For each={blobs()}>{(blob) => <Whole blob={blob} />}</For>
        </>
      )}
    </Show>
  );
}

function Whole(props: { blob: BlobPart }): JSX.Element {
  return (
    <p class="cap">
      <span class="num">
        <Show when={PICTURE.test(props.blob.mime)} fallback="Too big to show here: ">
          Kept as a file:{' '}
        </Show>
        {size(props.blob.bytes)} of {props.blob.mime}
      </span>
      <a class="tl" href={blobAddress(props.blob)} download="">
        Download all
      </a>
    </p>
  );
}
