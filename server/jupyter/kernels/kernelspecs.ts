/** The one kind of kernel there is, as Jupyter's clients choose among kernels. */
import { readFile } from 'node:fs/promises';
import { JUPYTER_PROTOCOL } from '@trialroom/shared/jupyter/messages';
import { Refusal } from '../../http/refusal.ts';
import { type Door, json } from '../door.ts';

/** The name that notebooks carry in their metadata. */
export const KERNEL_NAME = 'trialroom';

/** Pictures by the names that clients know them by: old ones look for those in pixels only. */
const LOGOS = { 'logo-svg': 'logo-svg.svg', 'logo-64x64': 'logo-64x64.png', 'logo-32x32': 'logo-32x32.png' };

const SPEC = {
  name: KERNEL_NAME,
  spec: {
    argv: [],
    env: {},
    display_name: 'Trialroom (TypeScript)',
    language: 'typescript',
    interrupt_mode: 'message',
    kernel_protocol_version: JUPYTER_PROTOCOL,
    metadata: { debugger: false },
  },
  resources: Object.fromEntries(
    Object.entries(LOGOS).map(([name, file]) => [name, `/kernelspecs/${KERNEL_NAME}/${file}`]),
  ),
};

/** Where the pictures lie, beside the kernel. */
const PICTURES = new URL('./jupyter/logo/', import.meta.resolve('trialroom/main'));

/** @throws Refusal (404) for a kernel of a name that there is none of */
export function requireKernelName(name: string | null | undefined): void {
  if (!name || name === KERNEL_NAME) return;
  throw new Refusal(404, {
    error: 'no-such-kernel',
    message: `there is no kernel ${JSON.stringify(name)} here`,
    where: 'kernel.name',
    fix: `choose ${KERNEL_NAME}: TypeScript is what runs here`,
  });
}

/** Adds the routes of kernel specs and their pictures to the door. */
export function kernelspecRoutes(door: Door): void {
  door.on('GET', /\/api\/kernelspecs/, 'read', async () =>
    json({ default: KERNEL_NAME, kernelspecs: { [KERNEL_NAME]: SPEC } }),
  );
  door.on('GET', /\/api\/kernelspecs\/(?<name>[^/]+)/, 'read', async ({ params: { name } }) => {
    requireKernelName(name);
    return json(SPEC);
  });
  const logo = /\/kernelspecs\/(?<name>[^/]+)\/(?<file>logo-(?:svg\.svg|(?:64x64|32x32)\.png))/;
  door.on('GET', logo, 'read', async ({ params: { name, file = '' } }) => {
    requireKernelName(name);
    return new Response(await readFile(new URL(file, PICTURES)), {
      headers: {
        'content-type': file.endsWith('.svg') ? 'image/svg+xml' : 'image/png',
        'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        'cache-control': 'public, max-age=86400',
      },
    });
  });
}
