// Runs after `npm install`: bundles the kernel, so that its processes start in half the time.
// Never fails an install: without bundles a kernel is loaded from its sources.
import { existsSync } from 'node:fs';

const script = new URL('./bundle.ts', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (existsSync(script) && (major > 22 || (major === 22 && minor >= 18))) {
  try {
    const { bundleKernel } = await import(script.href);
    await bundleKernel({ anew: true });
  } catch (error) {
    console.warn(
      `trialroom: no bundled kernel (${error instanceof Error ? error.message : error}); kernels start slower`,
    );
  }
}
