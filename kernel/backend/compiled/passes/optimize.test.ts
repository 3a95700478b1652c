/** Rules on small graphs: what is left, and that it computes the same numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Graph } from '../graph.ts';
import { channelBlock, nativeFailure, nativeSession, nativeTensor } from '../native.ts';
import { encodeModel, type OnnxModel } from '../onnx.ts';
import { throughReshape } from './moves.ts';
import { optimize } from './optimize.ts';
import { STEEP, sizeOf, spread } from './shapes.ts';

const typesOf = ({ nodes }: OnnxModel): string[] => nodes.map(({ type }) => type);

/** Numbers of the one output, of shape `shape`, for inputs that are waves. */
function run(model: OnnxModel, shape: number[]): number[] {
  const session = nativeSession(encodeModel(model), 1);
  const feeds = Object.fromEntries(
    model.inputs.map(({ name, dims }, index) => {
      const lengths = dims.map(Number);
      const values = Float32Array.from({ length: sizeOf(lengths) }, (_, at) => Math.sin(at * 1.7 + index));
      return [name, nativeTensor('float32', values, lengths)];
    }),
  );
  const values = new Float32Array(sizeOf(shape));
  session.run(feeds, { y: nativeTensor('float32', values, shape) });
  return [...values];
}

const DATA: Record<string, number[]> = {
  x: [2, 3, 4],
  row: [4],
  column: [2, 3, 1],
  image: [2, 3, 6, 6],
  many: [2, 16, 3, 3],
};

/** Graphs of one output, and the operations that are left of them. */
const CASES: Record<
  string,
  { make(graph: Graph, take: (name: string) => string): string; shape: number[]; left: string[] }
> = {
  'reshapes in a row': {
    make: (graph, take) =>
      graph.apply('Reshape', [graph.apply('Reshape', [take('x'), graph.list([24])]), graph.list([6, 4])]),
    shape: [6, 4],
    left: ['Reshape'],
  },
  'reshapes of one of many pieces': {
    make: (graph, take) => {
      const lengths = graph.list(Array<number>(24).fill(1));
      const flat = graph.apply('Reshape', [take('x'), graph.list([24, 1])]);
      const [piece = ''] = graph.applyAll('Split', [flat, lengths], { axis: 0 }, 24);
      const number = graph.apply('Reshape', [graph.apply('Reshape', [piece, graph.list([1])]), graph.list([1, 1])]);
      return graph.apply('Exp', [number]);
    },
    shape: [1, 1],
    left: ['Reshape', 'Split', 'Exp'],
  },
  'transposes that cancel': {
    make: (graph, take) => {
      const turned = graph.apply('Transpose', [take('x')], { perm: [2, 0, 1] });
      return graph.apply('Exp', [graph.apply('Transpose', [turned], { perm: [1, 2, 0] })]);
    },
    shape: [2, 3, 4],
    left: ['Exp'],
  },
  'a transpose of thin axes': {
    make: (graph, take) => graph.apply('Exp', [graph.apply('Transpose', [take('column')], { perm: [0, 2, 1] })]),
    shape: [2, 1, 3],
    left: ['Reshape', 'Exp'],
  },
  'a product with many ones': {
    make: (graph, take) => {
      const ones = graph.constant('float32', [2, 3, 40], new Float32Array(240).fill(1));
      const spread = graph.apply('Mul', [take('column'), ones.name]);
      const flat = graph.apply('Reshape', [spread, graph.list([6, 40])]);
      return graph.apply('ReduceSum', [graph.apply('Exp', [flat]), graph.list([1])], { keepdims: 0 });
    },
    shape: [6],
    left: ['Reshape', 'Exp', 'Expand', 'ReduceSum'],
  },
  'repetition before a sum': {
    make: (graph, take) =>
      graph.apply('Add', [take('x'), graph.apply('Tile', [take('column'), graph.list([1, 1, 4])])]),
    shape: [2, 3, 4],
    left: ['Add'],
  },
  'a bias of channels': {
    make: (graph, take) => {
      const filter = graph.constant(
        'float32',
        [5, 3, 3, 3],
        Float32Array.from({ length: 135 }, (_, at) => Math.cos(at)),
      );
      const bias = graph.constant('float32', [5, 1, 1], [1, 2, 3, 4, 5]);
      return graph.apply('Add', [graph.apply('Conv', [take('image'), filter.name]), bias.name]);
    },
    shape: [2, 5, 4, 4],
    left: ['Reshape', 'Conv'],
  },
  ...(channelBlock() === undefined
    ? {}
    : {
        'a bias of channels in blocks': {
          make: (graph, take) => {
            const [domain, steps] = ['com.microsoft.nchwc', { kernel_shape: [1, 1], strides: [1, 1] }];
            const numbers = Float32Array.from({ length: 256 }, (_, at) => Math.cos(at));
            const filter = graph.constant('float32', [16, 16, 1, 1], numbers);
            const bias = graph.constant('float32', [16, 1, 1], numbers.subarray(0, 16));
            const blocks = graph.apply('ReorderInput', [take('many')], { channels_last: 0 }, domain);
            const made = graph.apply('Conv', [blocks, filter.name], steps, domain);
            const ordered = graph.apply('ReorderOutput', [made], { channels: 16, channels_last: 0 }, domain);
            return graph.apply('Add', [ordered, bias.name]);
          },
          shape: [2, 16, 3, 3],
          left: ['ReorderInput', 'Reshape', 'Conv', 'ReorderOutput'],
        },
      }),
  'a scaled product': {
    make: (graph, take) => {
      const turned = graph.apply('Transpose', [take('x')], { perm: [0, 2, 1] });
      return graph.apply('Mul', [graph.apply('MatMul', [take('x'), turned]), graph.float(0.25)]);
    },
    shape: [2, 3, 3],
    left: ['Transpose', 'FusedMatMul'],
  },
  'a transpose before work on elements and a turn back': {
    make: (graph, take) => {
      const turned = graph.apply('Transpose', [take('x')], { perm: [0, 2, 1] });
      const wide = graph.apply('Reshape', [
        graph.apply('Mul', [turned, graph.apply('Sin', [turned])]),
        graph.list([2, 1, 4, 3]),
      ]);
      const more = graph.apply('Add', [wide, graph.apply('Reshape', [take('row'), graph.list([4, 1])])]);
      return graph.apply('Transpose', [more], { perm: [0, 1, 3, 2] });
    },
    shape: [2, 1, 3, 4],
    left: ['Sin', 'Mul', 'Add', 'Reshape'],
  },
  'a fold of a transpose': {
    make: (graph, take) => {
      const turned = graph.apply('Transpose', [take('x')], { perm: [0, 2, 1] });
      return graph.apply('ReduceSum', [turned, graph.list([0, 1])], { keepdims: 0 });
    },
    shape: [3],
    left: ['ReduceSum'],
  },
  'a number that changes nothing': {
    make: (graph, take) => graph.apply('Add', [graph.apply('Sin', [take('x')]), graph.float(0)]),
    shape: [2, 3, 4],
    left: ['Sin'],
  },
  'a product that is used twice': {
    make: (graph, take) => {
      const product = graph.apply('MatMul', [take('x'), graph.apply('Transpose', [take('x')], { perm: [0, 2, 1] })]);
      return graph.apply('Sub', [graph.apply('Mul', [product, graph.float(0.25)]), product]);
    },
    shape: [2, 3, 3],
    left: ['Transpose', 'MatMul', 'Mul', 'Sub'],
  },
  'the cut of a greatest value': {
    make: (graph, take) => {
      const cut = graph.apply('Relu', [take('image')]);
      const window = { kernel_shape: [2, 2], strides: [2, 2] };
      const [pooled = '', places = ''] = graph.applyAll('MaxPool', [cut], window, 2);
      const laid = graph.apply('MaxUnpool', [graph.apply('Sin', [pooled]), places, graph.list([2, 3, 6, 6])], window);
      return graph.apply('Mul', [laid, graph.apply('HardSigmoid', [take('image')], STEEP)]);
    },
    shape: [2, 3, 6, 6],
    left: ['Relu', 'MaxPool', 'Sin', 'HardSigmoid', 'Mul', 'MaxUnpool'],
  },
};

describe('optimize', () => {
  it.for(Object.entries(CASES))('%s', ([, { make, shape, left }]) => {
    const graph = new Graph();
    const taken = new Set<string>();
    const name = make(graph, (input) => {
      if (!taken.has(input)) graph.input(input, 'float32', DATA[input] ?? []);
      taken.add(input);
      return input;
    });
    graph.output('y', { name, type: 'float32', shape, order: 'last' });
    const parts = graph.parts();
    const smaller = optimize(parts);
    expect(typesOf(smaller)).toEqual(left);
    if (nativeFailure() === undefined)
      expect(run(smaller, shape)).toEqual(run(parts, shape).map((value) => expect.closeTo(value, 5)));
  });

  it('gives inputs and constants out as they are, and one value twice', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [3]);
    graph.output('y', x);
    const doubled = { ...x, name: graph.apply('Add', ['x', 'x']) };
    graph.output('z', doubled);
    graph.output('again', doubled);
    const { nodes, outputs } = optimize(graph.parts());
    expect(outputs.map(({ name }) => name)).toEqual(['y', 'z', 'again']);
    expect(nodes.map(({ type, inputs, outputs: made }) => [type, ...inputs, ...made])).toEqual(
      expect.arrayContaining([
        ['Identity', 'x', 'y'],
        ['Add', 'x', 'x', 'z'],
        ['Identity', 'z', 'again'],
      ]),
    );
  });
});

it('a reshape passes through a spread only where it cuts or merges no spread axis', () => {
  const axis = fc.record({ length: fc.integer({ min: 1, max: 4 }), spread: fc.boolean() });
  fc.assert(
    fc.property(fc.array(axis, { minLength: 1, maxLength: 4 }), fc.nat(), (axes, choice) => {
      const from = axes.map(({ length }) => length);
      const small = axes.map(({ length, spread: wide }) => (wide ? 1 : length));
      const at = choice % from.length;
      const merged = [...from.slice(0, at), sizeOf(from.slice(at, at + 2)), ...from.slice(at + 2)];
      const kept = throughReshape(small, from, merged);
      if (!kept) return;
      expect(spread([kept, merged])).toEqual(merged);
      // Where each number comes from is the same on both ways.
      const source = (shape: number[], inner: number[], place: number): number => {
        let [rest, index, stride] = [place, 0, 1];
        for (let back = shape.length - 1; back >= 0; back--) {
          const coordinate = rest % (shape[back] ?? 1);
          rest = Math.floor(rest / (shape[back] ?? 1));
          if (inner[back] !== 1) index += coordinate * stride;
          stride *= inner[back] ?? 1;
        }
        return index;
      };
      for (let place = 0; place < sizeOf(from); place++) {
        expect(source(merged, kept, place)).toBe(source(from, small, place));
      }
    }),
  );
});
