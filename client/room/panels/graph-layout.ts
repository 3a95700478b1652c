/** Where the nodes of a graph without circles stand: in layers, from left to right. */
import type { Lineage, LineageNode } from '@trialroom/shared/room/lineage';

/** Size of a node, and the space between two, in pixels. */
export const NODE = { width: 168, height: 46 } as const;
const SPACE = { layers: 36, nodes: 12, edge: 4 } as const;

export interface Placed {
  width: number;
  height: number;
  /** By their upper left corner. */
  nodes: { node: LineageNode; x: number; y: number }[];
  /** Paths of an SVG. */
  edges: { id: string; path: string }[];
}

/** Loads the layout library with the first graph. */
export async function placed({ nodes, edges }: Lineage): Promise<Placed> {
  const { graphlib, layout } = await import('@dagrejs/dagre');
  const graph = new graphlib.Graph();
  graph.setGraph({
    rankdir: 'LR',
    ranksep: SPACE.layers,
    nodesep: SPACE.nodes,
    edgesep: SPACE.edge,
    marginx: 1,
    marginy: 1,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of nodes) graph.setNode(id, { ...NODE });
  for (const { from, to } of edges) graph.setEdge(from, to);
  layout(graph);
  const middle = (id: string): { x: number; y: number } => graph.node(id);
  const at = nodes.map((node) => {
    const { x, y } = middle(node.id);
    return { node, x: x - NODE.width / 2, y: y - NODE.height / 2 };
  });
  return {
    width: Math.ceil(Math.max(0, ...at.map(({ x }) => x)) + NODE.width + 2),
    height: Math.ceil(Math.max(0, ...at.map(({ y }) => y)) + NODE.height + 2),
    nodes: at,
    edges: edges.map(({ from, to }) => {
      const [begin, end] = [middle(from), middle(to)];
      // Between the layers as the library leads it; from the right side of a node to the left side of the next.
      const points: readonly { x: number; y: number }[] = graph.edge(from, to).points ?? [];
      const between = points.slice(1, -1);
      const left = { x: begin.x + NODE.width / 2, y: begin.y };
      const right = { x: end.x - NODE.width / 2, y: end.y };
      const inner = between.filter(({ x }) => x > left.x && x < right.x);
      return { id: `${from} ${to}`, path: pathOf([left, ...(inner.length > 1 ? inner : []), right]) };
    }),
  };
}

/** A line through all points that leaves and arrives level. */
function pathOf(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  let path = `M${first.x.toFixed(1)} ${first.y.toFixed(1)}`;
  let last = first;
  for (const point of rest) {
    const half = (last.x + point.x) / 2;
    path += `C${half.toFixed(1)} ${last.y.toFixed(1)} ${half.toFixed(1)} ${point.y.toFixed(1)} ${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
    last = point;
  }
  return path;
}
