/** A value too big for the page: how it begins, and where the whole of it is. */
import { type JSX, Show } from 'solid-js';
import { z } from 'zod';
import { size } from './stream.tsx';
import { TextOutput } from './text.tsx';

const Blob = z.object({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number().nonnegative(),
  mime: z.string(),
  preview: z.unknown(),
});

export function BlobOutput(props: { data: unknown; plain: unknown }): JSX.Element {
  const blob = () => {
    const parsed = Blob.safeParse(props.data);
    return parsed.success ? parsed.data : null;
  };
  return (
    <Show when={blob()} fallback={<TextOutput text={props.plain} />}>
      {(value) => (
        <>
          <TextOutput text={value().preview ?? props.plain ?? ''} />
          <p class="cap">
            <span class="num">
              Too big to show here: {size(value().bytes)} of {value().mime}
            </span>
            <a class="tl" href={`/api/blobs/${value().sha256}`} download="">
              Download all
            </a>
          </p>
        </>
      )}
    </Show>
  );
}
