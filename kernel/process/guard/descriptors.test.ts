import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

/** Runs a program in a process of its own: the guard is for a whole process, and for good. */
async function told(program: string): Promise<unknown> {
  const guard = JSON.stringify(new URL('./descriptors.ts', import.meta.url).href);
  const code = `import fs from 'node:fs'; import { guardDescriptors } from ${guard};
    const { closeSync } = fs;
    const refused = (close) => { try { close(); return false; } catch ({ code }) { return code; } };
    ${program}`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code]);
  return JSON.parse(stdout);
}

describe('descriptors of the kernel', () => {
  it('cannot be closed by cells', async () => {
    const program = `const own = fs.openSync('/dev/null', 'r');
      guardDescriptors();
      console.log(JSON.stringify([refused(() => fs.closeSync(own)), refused(() => fs.closeSync(1))]));`;
    expect(await told(program)).toEqual(['EPERM', 'EPERM']);
  });

  it('are the kernel’s no more once it has closed them itself: whoever has the number next can close it', async () => {
    // As with the connection of a client that has gone.
    const program = `const gone = fs.openSync('/dev/null', 'r');
      guardDescriptors();
      closeSync(gone);
      const next = fs.openSync(process.execPath, 'r');
      const first = refused(() => fs.closeSync(next));
      const again = fs.openSync('/dev/null', 'r');
      console.log(JSON.stringify([next === gone, first, again === gone, refused(() => fs.closeSync(again))]));`;
    expect(await told(program)).toEqual([true, false, true, false]);
  });
});
