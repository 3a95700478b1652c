import { describe, expect, it } from 'vitest';
import { EXIT_BAD_LINE, EXIT_BAD_START, EXIT_OUT_OF_MEMORY } from './limits.ts';
import { explainExit, kernelCommand, LEAST_MEMORY_MB } from './spawn.ts';

describe('kernelCommand', () => {
  it('leaves part of the limit for memory outside the heap', () => {
    const { execArgv, argv, args } = kernelCommand({ entry: '/k/main.ts', socket: '/s', memoryMb: 1000 });
    expect(execArgv).toContain('--max-old-space-size=800');
    expect(argv).toEqual(['/k/main.ts', '--socket', '/s', '--memory', '1000']);
    expect(args).toEqual([...execArgv, ...argv]);
  });

  it('sets no limit unless asked', () => {
    expect(kernelCommand({ entry: 'e', socket: 's' }).args.join(' ')).not.toMatch(/memory|old-space/);
  });

  it.each([0, -1, Number.NaN, LEAST_MEMORY_MB - 1])('refuses %d MB', (memoryMb) => {
    expect(() => kernelCommand({ entry: 'e', socket: 's', memoryMb })).toThrow(RangeError);
  });
});

describe('explainExit', () => {
  it('says that the limit was met', () => {
    expect(explainExit({ code: EXIT_OUT_OF_MEMORY, signal: null, memoryMb: 512 })).toMatch(/out of memory.*512 MB/);
  });

  it("tells V8's own out-of-memory from any other abort", () => {
    const stderr = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory';
    expect(explainExit({ code: null, signal: 'SIGABRT', stderr })).toMatch(/ran out of memory/);
    expect(explainExit({ code: null, signal: 'SIGABRT', stderr: 'assertion\n' })).toBe(
      'The kernel was ended by SIGABRT. assertion',
    );
  });

  it('keeps the reason of a failed start', () => {
    const stderr = 'trialroom kernel: --socket PATH is missing\n';
    expect(explainExit({ code: EXIT_BAD_START, signal: null, stderr })).toContain('--socket PATH is missing');
  });

  it('says that the line to the parent was broken', () => {
    const stderr = 'trialroom kernel: frame of 9 bytes is over the limit\n';
    expect(explainExit({ code: EXIT_BAD_LINE, signal: null, stderr })).toMatch(/cannot read.*over the limit/);
  });

  it('says that V8 was asked for too much', () => {
    const stderr =
      '#\n# Fatal error in , line 0\n# Fatal JavaScript invalid size error 268435456 (see crbug.com/1201626)\n#\n 5: 0x7f';
    expect(explainExit({ code: null, signal: 'SIGTRAP', stderr })).toMatch(
      /^The kernel was ended by V8: Fatal JavaScript invalid size error 268435456\. Something bigger .* Restart it/,
    );
    expect(explainExit({ code: null, signal: 'SIGTRAP' })).toContain('ended by SIGTRAP');
  });

  it('names code or signal of anything else', () => {
    expect(explainExit({ code: 3, signal: null })).toContain('exit code 3');
    expect(explainExit({ code: null, signal: 'SIGSEGV' })).toContain('SIGSEGV');
    expect(explainExit({ code: null, signal: 'SIGKILL' })).toContain('killed from outside');
    expect(explainExit({ code: 0, signal: null })).toBe('The kernel ended.');
  });
});
