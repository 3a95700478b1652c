/**
 * What JSX in a cell makes: an element that is shown as HTML. It is a description, drawn when it is displayed; nothing
 * in it lives on, so handlers of events are refused, and pointed to what can take their place.
 */
import { DISPLAY } from './bundle.ts';
import type { Displayable } from './display.ts';

/** Everything that may stand between two tags. */
export type Child = Element | string | number | bigint | boolean | null | undefined | readonly Child[];

/** A function that makes elements out of its attributes. */
export type Component = (props: Props) => Child;

/** What an element was given. */
export interface Props {
  children?: unknown;
  dangerouslySetInnerHTML?: unknown;
  readonly [name: string]: unknown;
}

/** The type of `<>…</>`: its children, without a tag around them. */
export const Fragment = Symbol.for('trialroom.fragment');

type ElementType = string | Component | typeof Fragment;

/** An element, as JSX makes it. */
export class Element implements Displayable {
  readonly type: ElementType;
  readonly props: Props;

  constructor(type: ElementType, props: Props) {
    this.type = type;
    this.props = props;
  }

  /** The element as HTML. @throws TypeError when a child or an attribute has no form in HTML */
  toHtml(): string {
    return draw(this);
  }

  [DISPLAY](): Record<string, unknown> {
    const html = draw(this);
    return {
      'text/html': html,
      'text/plain':
        plain(this)
          .replace(/\n{2,}/g, '\n')
          .trim() || html,
    };
  }
}

/**
 * Makes an element; `<a href="x">y</a>` is a call of it.
 * @throws TypeError when a tag is nothing that can be drawn, or an attribute handles an event
 */
export function jsx(type: unknown, attributes: Record<string, unknown> | null, ...children: unknown[]): Element {
  if (!isType(type)) {
    throw new TypeError(`<${describe(type)}> cannot be shown: a tag is the name of an HTML element or a function`);
  }
  const props: Props = { ...attributes };
  if (children.length > 0) props.children = children.length === 1 ? children[0] : children;
  if (typeof type === 'string') for (const name of Object.keys(props)) refuseHandler(type, name, props[name]);
  return new Element(type, props);
}

const isType = (type: unknown): type is ElementType =>
  (typeof type === 'string' && /^[A-Za-z][\w.:-]*$/.test(type)) || typeof type === 'function' || type === Fragment;

function refuseHandler(tag: string, name: string, value: unknown): void {
  if (!/^on[A-Z]/.test(name) && !(name.startsWith('on') && typeof value === 'function')) return;
  throw new TypeError(
    `<${tag} ${name}> cannot work: what is displayed is a picture of its HTML, and no code of the cell is left in it. ` +
      'Use the input widgets of "trialroom" to react to a reader',
  );
}

const VOID = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
/** Elements whose text is not HTML: nothing in it is escaped there, so it must not close them. */
const RAW = new Set(['script', 'style']);
const BLOCK = new Set(
  'address article aside blockquote br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section table tbody tfoot thead tr ul'.split(
    ' ',
  ),
);

function draw(child: unknown): string {
  if (isNothing(child)) return '';
  if (typeof child === 'string') return escaped(child);
  if (typeof child === 'number' || typeof child === 'bigint') return String(child);
  if (isList(child)) return Array.from(child, (part) => draw(part)).join('');
  if (!(child instanceof Element)) return foreign(child);
  const { type, props } = child;
  if (type === Fragment) return draw(props.children);
  if (typeof type === 'function') return draw(render(type, props));
  const open = `<${type}${attributesOf(type, props)}>`;
  if (VOID.has(type)) return open;
  return `${open}${contentOf(type, props)}</${type}>`;
}

/** Things that show themselves as HTML or SVG may stand among the children. */
function foreign(child: unknown): string {
  if (typeof child === 'object' && child !== null) {
    const show: unknown = Reflect.get(child, DISPLAY);
    const bundle: unknown = typeof show === 'function' ? Reflect.apply(show, child, []) : undefined;
    if (typeof bundle === 'object' && bundle !== null) {
      for (const mime of ['text/html', 'image/svg+xml']) {
        const text: unknown = Reflect.get(bundle, mime);
        if (typeof text === 'string') return text;
      }
      const image: unknown = Reflect.get(bundle, 'image/png');
      if (typeof image === 'string') return `<img src="data:image/png;base64,${escaped(image)}">`;
    }
  }
  throw new TypeError(
    `${describe(child)} cannot be shown between tags; write {String(value)} or {JSON.stringify(value)}`,
  );
}

function contentOf(type: string, props: Props): string {
  const raw: unknown = props.dangerouslySetInnerHTML;
  if (typeof raw === 'object' && raw !== null) return String(Reflect.get(raw, '__html') ?? '');
  if (!RAW.has(type)) return draw(props.children);
  return textOf(props.children).replace(/<(?=\/|!--)/g, '<\\');
}

function textOf(child: unknown): string {
  if (isNothing(child)) return '';
  return isList(child) ? Array.from(child, (part) => textOf(part)).join('') : String(child);
}

const ATTRIBUTE: Record<string, string> = {
  className: 'class',
  htmlFor: 'for',
  acceptCharset: 'accept-charset',
  httpEquiv: 'http-equiv',
};
/** Attributes of SVG that are written with capitals as they are. */
const CAPITALS =
  /^(viewBox|preserveAspectRatio|gradient(Units|Transform)|pattern(Units|ContentUnits|Transform)|clipPathUnits|mask(Units|ContentUnits)|marker(Width|Height|Units)|ref[XY]|spreadMethod|startOffset|textLength|lengthAdjust|stdDeviation|baseFrequency|numOctaves|tableValues|attributeName|repeatCount|keyTimes|calcMode|pathLength)$/;
/** Attributes of SVG that are written with hyphens. */
const HYPHENS =
  /^(stroke|fill|font|text|dominant|alignment|clip|color|flood|stop|letter|word|marker|pointer|shape|vector|paint|baseline)[A-Z]/;
const NOT_ATTRIBUTES = new Set(['children', 'key', 'ref', 'dangerouslySetInnerHTML']);

function attributesOf(tag: string, props: Props): string {
  let text = '';
  for (const [name, value] of Object.entries(props)) {
    if (NOT_ATTRIBUTES.has(name) || value === undefined || value === null) continue;
    const key = attributeName(name);
    if (!/^[^\s"'<>/=]+$/.test(key)) throw new TypeError(`<${tag}> cannot have an attribute "${name}"`);
    // ARIA and data attributes say "false"; elsewhere false means that the attribute is absent.
    const spoken = /^(aria-|data-)/.test(key);
    if (value === false && !spoken) continue;
    if (value === true && !spoken) text += ` ${key}`;
    else text += ` ${key}="${escaped(key === 'style' ? styleOf(value) : written(tag, name, value))}"`;
  }
  return text;
}

function attributeName(name: string): string {
  const known = Object.hasOwn(ATTRIBUTE, name) ? ATTRIBUTE[name] : undefined;
  if (known !== undefined) return known;
  if (CAPITALS.test(name)) return name;
  return HYPHENS.test(name) ? hyphenated(name) : /^(data|aria)[A-Z]/.test(name) ? hyphenated(name) : name.toLowerCase();
}

function written(tag: string, name: string, value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') {
    throw new TypeError(`<${tag} ${name}> was given a ${typeof value}, which HTML has no form for`);
  }
  return Array.isArray(value) ? value.filter((part) => !isNothing(part)).join(' ') : String(value);
}

/** Properties whose numbers are no lengths. */
const UNITLESS =
  /^(--|(flex|order|opacity|z-index|font-weight|line-height|zoom|grid|column-count|columns|scale|tab-size|orphans|widows|aspect-ratio|animation-iteration-count|fill-opacity|stroke-opacity|flood-opacity|stop-opacity))/;

function styleOf(style: unknown): string {
  if (typeof style !== 'object' || style === null) return String(style);
  const parts: string[] = [];
  for (const [name, value] of Object.entries(style)) {
    if (isNothing(value)) continue;
    const key = name.startsWith('--') ? name : hyphenated(name).replace(/^(webkit|moz|ms)-/, '-$1-');
    parts.push(
      `${key}:${typeof value === 'number' && value !== 0 && !UNITLESS.test(key) ? `${value}px` : String(value)}`,
    );
  }
  return parts.join(';');
}

/** The text of an element, a line for each block. */
function plain(child: unknown): string {
  if (isNothing(child)) return '';
  if (isList(child)) return Array.from(child, (part) => plain(part)).join('');
  if (!(child instanceof Element)) return typeof child === 'object' ? '' : String(child);
  const { type, props } = child;
  if (typeof type === 'function') return plain(render(type, props));
  if (type === Fragment) return plain(props.children);
  if (typeof type === 'string' && RAW.has(type)) return '';
  const text = plain(props.children);
  if (type === 'td' || type === 'th') return `${text}\t`;
  return typeof type === 'string' && BLOCK.has(type) ? `\n${text}\n` : text;
}

function render(component: Component, props: Props): unknown {
  const isClass = /^class\b/.test(Function.prototype.toString.call(component));
  if (isClass) throw new TypeError(`<${component.name}> is a class; here a component is a function`);
  const made: unknown = component({ ...props });
  if (made instanceof Promise) {
    throw new TypeError(`<${component.name}> is asynchronous; await its data first, and give it as an attribute`);
  }
  return made;
}

const isNothing = (child: unknown): boolean => child === null || child === undefined || typeof child === 'boolean';
const isList = (child: unknown): child is Iterable<unknown> =>
  typeof child === 'object' &&
  child !== null &&
  !(child instanceof Element) &&
  typeof Reflect.get(child, Symbol.iterator) === 'function';
const hyphenated = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? sign);

function describe(value: unknown): string {
  if (typeof value === 'function') return `The function ${value.name || 'without a name'}`;
  if (typeof value !== 'object' || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === 'string' && name !== 'Object' ? `An object of ${name}` : 'An object';
}
