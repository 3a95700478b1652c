/** Writes a filter as people write it; reading it again gives the same filter. */
import { fieldNamed, isReading, kindOf, looksWithin, NAMED } from './fields.ts';
import type { Field, Filter, Value } from './types.ts';
import { quote, readValue, writeValue } from './values.ts';

export function printFilter(filter: Filter): string {
  switch (filter.type) {
    case 'and':
      return filter.parts.map((part) => within(part, part.type === 'or')).join(' ');
    case 'or':
      // Nothing fits: said as what can never hold.
      return filter.parts.length === 0
        ? 'not is:live not is:over'
        : filter.parts.map((part) => within(part, false)).join(' or ');
    case 'not':
      return `not ${within(filter.part, filter.part.type === 'or' || filter.part.type === 'and')}`;
    case 'is':
      return `is:${filter.quality}`;
    case 'word':
      return isPlainWord(filter.text) ? filter.text : quote(filter.text);
    case 'within':
      return looksWithin(filter.field)
        ? `${printField(filter.field)}:${printText(filter.text)}`
        : `${printField(filter.field)} ~ ${printText(filter.text)}`;
    case 'fits':
      return `${printField(filter.field)} ~ /${filter.expression.replace(/\\[\s\S]|\//g, (one) => (one === '/' ? '\\/' : one))}/`;
    case 'in':
      return `${printField(filter.field)} in (${filter.values.map((value) => writeValue(value, kindOf(filter.field))).join(', ')})`;
    case 'compare':
      return printComparison(filter.field, filter.operator, filter.value);
  }
}

const within = (part: Filter, bracket: boolean): string => (bracket ? `(${printFilter(part)})` : printFilter(part));

function printComparison(field: Field, operator: string, value: Value): string {
  const short = operator === '=' && value.type !== 'none' && (field.of === 'status' || field.of === 'tag');
  const text = writeValue(value, kindOf(field));
  return short ? `${printField(field)}:${text}` : `${printField(field)} ${operator} ${text}`;
}

/** A text after `~` or `:`; `none` would ask whether there is one. */
const printText = (text: string): string => writeValue({ type: 'text', value: text }, 'text');

export function printField(field: Field): string {
  switch (field.of) {
    case 'text':
    case 'time':
      return field.name;
    case 'metric':
      if (field.reading !== 'last') return `${field.reading}(${isPlainKey(field.key) ? field.key : quote(field.key)})`;
      return isMetricName(field.key) ? field.key : quote(field.key);
    case 'params':
    case 'summary':
      return `${field.of}.${isPlainKey(field.key) ? field.key : quote(field.key)}`;
    default:
      return field.of;
  }
}

const isPlainKey = (key: string): boolean => /^[\p{L}\p{N}_@%][\p{L}\p{N}_.@%/-]*$/u.test(key);
const isKeyword = (word: string): boolean => /^(and|or|not|in)$/i.test(word);
const isMetricName = (key: string): boolean =>
  isPlainKey(key) &&
  !isKeyword(key) &&
  !isReading(key) &&
  fieldNamed(key) === null &&
  !NAMED.some((name) => name === key.toLowerCase());
const isPlainWord = (text: string): boolean =>
  isPlainKey(text) && !isKeyword(text) && readValue(text, 'text').type === 'text';
