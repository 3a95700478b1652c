/**
 * All variables of a notebook, as a list shows them: what cells have declared and what they have put on the global
 * object. Nothing of the user's is called for it, neither getters nor traps of proxies; the texts are V8's own.
 */
import type { Variable } from '@trialroom/shared/kernel/protocol';
import { grouped } from '../../display/words.ts';
import { GLIMPSE_NAME } from '../channel.ts';
import type { MainInspector } from '../main-inspector.ts';
import { asWritten, evaluate, fieldOf, lexicalNames, listIn, look, type Remote, textIn, toRemote } from './look.ts';

const LONGEST = 200;
const MOST = 1000;

interface Named {
  name: string;
  remote: Remote;
}

/** Lists the variables. @throws LookError in words for a person */
export function listVariables(main: MainInspector): Promise<Variable[]> {
  return look(main, async (objectGroup) => {
    const { names, values, notes } = await readAll(main, objectGroup);
    const tensors = await measure(main, values.filter(isTensor));
    return names.flatMap((name): Variable[] => {
      const remote = values.find((value) => value.name === name)?.remote;
      if (!remote) return [];
      const variable = describe(name, remote, notes);
      return [{ ...variable, ...tensors.get(name) }];
    });
  });
}

/** The names of all variables, as V8 knows them. */
export async function variableNames(main: MainInspector, objectGroup: string): Promise<string[]> {
  const options = { objectGroup, returnByValue: true, throwOnSideEffect: false };
  const { value } = await evaluate(main, `${GLIMPSE_NAME}.globals()`, options);
  const globals = Array.isArray(value) ? value.filter((name) => typeof name === 'string') : [];
  const isName = (name: string): boolean => /^[\p{ID_Start}$_][\p{ID_Continue}$\u200d]*$/u.test(name);
  return [...new Set([...(await lexicalNames(main)), ...globals.filter(isName)])].slice(0, MOST);
}

async function readAll(
  main: MainInspector,
  objectGroup: string,
): Promise<{ names: string[]; values: Named[]; notes: Map<string, unknown> }> {
  const names = await variableNames(main, objectGroup);
  const calls = names.map((name) => `p(v, ${JSON.stringify(name)}, () => ${name});`).join('\n');
  // Names are all that this calls for: those of cells' variables, and of globals that are no getters.
  const { objectId } = await evaluate(
    main,
    `((v, p) => { ${calls}\nreturn v })({ __proto__: null }, ${GLIMPSE_NAME}.put)`,
    { objectGroup, throwOnSideEffect: false },
  );
  const properties = await main.post('Runtime.getProperties', {
    objectId,
    ownProperties: true,
    generatePreview: true,
  });
  const values: Named[] = [];
  const notes = new Map<string, unknown>();
  for (const property of listIn(properties, 'result')) {
    const name = textIn(property, 'name') ?? '';
    const remote = toRemote(fieldOf(property, 'value'));
    if (name.includes(' ')) notes.set(name, remote.value);
    else values.push({ name, remote });
  }
  return { names, values, notes };
}

const isTensor = ({ remote: { type, subtype, preview } }: Named): boolean =>
  type === 'object' &&
  subtype === undefined &&
  listIn(preview, 'properties').some((property) => /^(shape|dims)$/.test(textIn(property, 'name') ?? ''));

async function measure(main: MainInspector, tensors: Named[]): Promise<Map<string, Partial<Variable>>> {
  const [first] = tensors;
  if (!first) return new Map();
  const answer = await main.post('Runtime.callFunctionOn', {
    objectId: first.remote.objectId,
    functionDeclaration: `function (...tensors) { return ${GLIMPSE_NAME}.measure(tensors) }`,
    arguments: tensors.map(({ remote: { objectId } }) => ({ objectId })),
    returnByValue: true,
    silent: true,
  });
  const measured = listIn(fieldOf(answer, 'result'), 'value');
  return new Map(
    tensors.flatMap(({ name }, index): [string, Partial<Variable>][] => {
      const shape = textIn(measured[index], 'shape');
      if (shape === undefined) return [];
      const dtype = textIn(measured[index], 'dtype');
      const size = fieldOf(measured[index], 'size');
      const each = ELEMENT_BYTES.find(([types]) => dtype !== undefined && types.includes(dtype))?.[1];
      const gone = fieldOf(measured[index], 'gone') === true;
      return [
        [
          name,
          {
            shape: `[${shape}]`,
            ...(dtype === undefined ? {} : { preview: `${dtype} [${shape}]${gone ? ', disposed' : ''}` }),
            ...(typeof size === 'number' && each !== undefined && !gone ? { bytes: size * each } : {}),
          },
        ],
      ];
    }),
  );
}

/** Element types of typed arrays and tensors, by size in bytes. */
const ELEMENT_BYTES: [string[], number][] = [
  [['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Buffer', 'bool', 'int8', 'uint8', 'ArrayBuffer'], 1],
  [['SharedArrayBuffer', 'DataView'], 1],
  [['Int16Array', 'Uint16Array', 'Float16Array', 'float16', 'int16', 'uint16'], 2],
  [['Int32Array', 'Uint32Array', 'Float32Array', 'float32', 'int32', 'uint32'], 4],
  [['Float64Array', 'BigInt64Array', 'BigUint64Array', 'float64', 'int64', 'uint64', 'complex64'], 8],
];

function describe(known: string, remote: Remote, notes: Map<string, unknown>): Variable {
  const name = asWritten(known);
  const { type, subtype, className, description, value } = remote;
  if (type === 'string') {
    const length = Number(notes.get(`${known} length`) ?? String(value).length);
    const shape = length > LONGEST ? { shape: `${grouped(length)} characters` } : {};
    return { name, type, ...shape, preview: cut(JSON.stringify(value)), bytes: length * 2 };
  }
  if (notes.has(`${known} big`)) return { name, type, preview: 'an integer of more than 80 bits' };
  if (type === 'function') return { name, ...describeFunction(description ?? '') };
  if (type !== 'object' || subtype === 'null') {
    return { name, type: subtype ?? type, preview: cut(description ?? String(value)) };
  }
  const kind = subtype === 'proxy' ? 'Proxy' : (className ?? 'Object');
  const length = /\((\d+)\)$/.exec(description ?? '')?.[1];
  const each = ELEMENT_BYTES.find(([types]) => types.includes(kind))?.[1];
  return {
    name,
    type: kind,
    ...(length === undefined
      ? {}
      : { shape: subtype === 'typedarray' ? `[${length}]` : `${grouped(Number(length))} items` }),
    preview: cut(previewOf(remote.preview, description ?? kind)),
    ...(length !== undefined && each !== undefined ? { bytes: Number(length) * each } : {}),
  };
}

function cut(text: string): string {
  const line = text.replace(/\s*\n\s*/g, ' ');
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1)}…`;
}

function describeFunction(source: string): { type: string; preview: string } {
  const preview = cut(source.split('\n', 1)[0] ?? '');
  if (/^class\b/.test(source)) return { type: 'class', preview };
  const single = /^(?:async\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=>/u.exec(source)?.[1];
  return { type: `${single === undefined ? parametersOf(source) : `(${single})`} =>`, preview };
}

/** The parameters with their parentheses, as written. */
function parametersOf(source: string): string {
  const start = source.indexOf('(');
  let depth = 0;
  for (let at = start; at >= 0 && at < Math.min(source.length, start + LONGEST); at++) {
    if ('([{'.includes(source[at] ?? '')) depth++;
    else if (')]}'.includes(source[at] ?? '') && --depth === 0) {
      const text = source.slice(start, at + 1).replace(/\s+/g, ' ');
      return text.length <= 60 ? text : '(…)';
    }
  }
  return '(…)';
}

/** V8's preview of an object as one line. */
function previewOf(preview: unknown, description: string): string {
  const subtype = textIn(preview, 'subtype');
  if (preview === undefined || ['regexp', 'date', 'error', 'proxy'].includes(subtype ?? '')) return description;
  const more = fieldOf(preview, 'overflow') === true ? ['…'] : [];
  const entries = listIn(preview, 'entries');
  if (entries.length > 0) {
    const shown = entries.map((entry) => {
      const [key, value] = [fieldOf(entry, 'key'), fieldOf(entry, 'value')].map((part) => textIn(part, 'description'));
      return key === undefined ? value : `${key} => ${value}`;
    });
    return `{${[...shown, ...more].join(', ')}}`;
  }
  const list = subtype === 'array' || subtype === 'typedarray';
  const shown = listIn(preview, 'properties').map((property) => {
    const text = shownValue(property);
    return list && /^\d+$/.test(textIn(property, 'name') ?? '') ? text : `${textIn(property, 'name')}: ${text}`;
  });
  return list ? `[${[...shown, ...more].join(', ')}]` : `{${[...shown, ...more].join(', ')}}`;
}

function shownValue(property: unknown): string {
  const type = textIn(property, 'type');
  if (type === 'accessor') return '(getter)';
  if (type === 'function') return 'ƒ';
  const value = textIn(property, 'value') ?? '';
  return type === 'string' ? JSON.stringify(value) : value;
}
