/** What convolutions and poolings share: a window that moves over an image whose channels come first. */
import type { Graph } from '../graph.ts';
import type { convolutionOf } from '../shapes.ts';

/** Geometry of a window, as the library computes it for both. */
export type Window = ReturnType<typeof convolutionOf>;

/** The (padded) input as each place of the window meets it, one piece of `[…, outHeight, outWidth]` a place. */
export function pieces(graph: Graph, padded: string, window: Window): string[] {
  const { filterHeight, filterWidth, dilationHeight, dilationWidth } = window;
  const strides = [window.strideHeight, window.strideWidth];
  const found: string[] = [];
  for (let row = 0; row < filterHeight; row++) {
    for (let column = 0; column < filterWidth; column++) {
      const top = row * dilationHeight;
      const left = column * dilationWidth;
      const bottom = top + (window.outHeight - 1) * window.strideHeight + 1;
      const right = left + (window.outWidth - 1) * window.strideWidth + 1;
      const ends = graph.list([bottom, right]);
      found.push(
        graph.apply('Slice', [padded, graph.list([top, left]), ends, graph.list([2, 3]), graph.list(strides)]),
      );
    }
  }
  return found;
}

/** What a transposed convolution must add at the end to reach the input's size again, by height and width. */
export const missing = ({ padInfo: pad, ...window }: Window): number[] => [
  window.inHeight - span(window.outHeight, window.strideHeight, pad.top + pad.bottom, window.effectiveFilterHeight),
  window.inWidth - span(window.outWidth, window.strideWidth, pad.left + pad.right, window.effectiveFilterWidth),
];

const span = (out: number, stride: number, pads: number, filter: number): number => (out - 1) * stride - pads + filter;

/** Padding before and after, in ONNX's order for an image; undefined where there is none. */
export function padding({ padInfo: pad }: Window): number[] | undefined {
  const all = [0, 0, pad.top, pad.left, 0, 0, pad.bottom, pad.right];
  return all.some((length) => length !== 0) ? all : undefined;
}
