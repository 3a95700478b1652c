/** `npm run build`: builds the browser client unless the one that is there belongs to the sources. */
import { ensureClient } from '../server/cli/client-build.ts';

const done = await ensureClient(() => console.log('building the browser client'));
console.log(done === 'built' ? 'built' : 'already built from these sources');
