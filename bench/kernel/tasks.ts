/**
 * What the kernels are made to do, in the language of each. A task that means something else in the other language is
 * left out there, and says so by being undefined.
 */

/** A loop that an interrupt must end, and the state that must be there afterwards. */
export interface Loop {
  name: string;
  typescript: string;
  python: string;
}

/** Six kinds of cell that never end. Each says that it has begun: `begun` is what is waited for. */
export const LOOPS: Loop[] = [
  {
    name: 'sync',
    typescript: 'console.log("begun"); while (true) {}',
    python: 'print("begun", flush=True)\nwhile True: pass',
  },
  {
    name: 'await',
    typescript: 'console.log("begun"); await null; while (true) {}',
    python: 'import asyncio\nprint("begun", flush=True)\nawait asyncio.sleep(0)\nwhile True: pass',
  },
  {
    name: 'timer',
    typescript:
      'console.log("begun"); await new Promise(() => setInterval(() => { for (let i = 0; i < 1e6; i++); }, 0));',
    python:
      'import asyncio\nprint("begun", flush=True)\nwhile True:\n  for i in range(100000): pass\n  await asyncio.sleep(0)',
  },
  {
    name: 'pending',
    typescript: 'console.log("begun"); await new Promise(() => {});',
    python: 'import asyncio\nprint("begun", flush=True)\nawait asyncio.Future()',
  },
  {
    name: 'regex',
    typescript: 'console.log("begun"); /^(a+)+$/.test("a".repeat(40) + "b");',
    python: 'import re\nprint("begun", flush=True)\nre.match(r"^(a+)+$", "a" * 40 + "b")',
  },
  {
    name: 'microtask',
    typescript:
      'console.log("begun"); const flood = () => Promise.resolve().then(flood); flood(); while (true) await null;',
    python: 'import asyncio\nprint("begun", flush=True)\nasync def none(): pass\nwhile True: await none()',
  },
];

/** Loops that count and sum up in variables of the top level; `before` declares them. */
export const SHAPES: { name: string; before: string; loop: string }[] = [
  { name: 'for', before: 'let sum = 0;', loop: 'for (let i = 0; i < 30_000_000; i++) sum += i % 7;' },
  {
    name: 'while',
    before: 'let sum = 0; let round = 0;',
    loop: 'while (round < 30_000_000) { sum += round % 7; round++; }',
  },
  { name: 'var', before: 'var sum = 0;', loop: 'for (var round = 0; round < 30_000_000; round++) sum += round % 7;' },
  {
    name: 'nested',
    before: 'let sum = 0;',
    loop: 'for (var i = 0; i < 30_000; i++) for (let j = 0; j < 1000; j++) sum += (i ^ j) % 7;',
  },
  { name: 'float', before: 'let sum = 0.5;', loop: 'for (let i = 0; i < 30_000_000; i++) sum += i * 0.5;' },
  {
    name: 'array',
    before: 'let sum = 0; const rows = Array.from({ length: 1024 }, (_, index) => index);',
    loop: 'for (let i = 0; i < 30_000_000; i++) sum += rows[i & 1023];',
  },
  {
    name: 'closure',
    before: 'let sum = 0; const read = () => sum;',
    loop: 'for (let i = 0; i < 30_000_000; i++) sum += i % 7;\nread();',
  },
  {
    name: 'call',
    before: 'let sum = 0; const square = (x) => x * x;',
    loop: 'for (let i = 0; i < 30_000_000; i++) sum += square(i & 15);',
  },
];

/** Code of each task by language. */
export const TASKS = {
  one: { typescript: '1+1', python: '1+1' },
  /** One of ten thousand cells. */
  cell: {
    typescript: (index: number) => `let value${index % 100} = ${index};\nvalue${index % 100} + 1`,
    python: (index: number) => `value${index % 100} = ${index}\nvalue${index % 100} + 1`,
  },
  lines: {
    typescript: 'for (let i = 0; i < 100000; i++) console.log("line", i);',
    python: 'for i in range(100000): print("line", i)',
  },
  /** Prints its own time in ms: no kernel's overhead is in it. */
  hot: {
    typescript:
      'let sum = 0; const from = performance.now();\nfor (let i = 0; i < 30_000_000; i++) sum += i % 7;\nconsole.log("took", performance.now() - from);',
    python:
      'import time\nsum_ = 0\nstart = time.perf_counter()\nfor i in range(30_000_000): sum_ += i % 7\nprint("took", (time.perf_counter() - start) * 1000)',
  },
  /** What is completed, after the first cell was run. */
  complete: {
    typescript: { before: 'const rows = [{ name: "a", count: 1 }];', code: 'rows.ma', expect: 'map' },
    python: { before: 'rows = [dict(name="a", count=1)]', code: 'rows.ap', expect: 'append' },
  },
} as const;
