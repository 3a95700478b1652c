/** `npm run build`: builds the browser client and bundles the kernel unless what is there belongs to the sources. */
import { bundleKernel } from '../kernel/startup/bundle.ts';
import { ensureClient } from '../server/cli/client-build.ts';

const done = await ensureClient(() => console.log('building the browser client'));
console.log(done === 'built' ? 'built' : 'already built from these sources');
await bundleKernel();
