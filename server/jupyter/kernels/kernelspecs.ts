/** The one kind of kernel there is, as Jupyter's clients choose among kernels. */

import { Refusal } from '../../http/refusal.ts';
import { type Door, json } from '../door.ts';

/** The name that notebooks carry in their metadata. */
export const KERNEL_NAME = 'trialroom';

const SPEC = {
  name: KERNEL_NAME,
  spec: {
    argv: [],
    env: {},
    display_name: 'Trialroom (TypeScript)',
    language: 'typescript',
    interrupt_mode: 'message',
    metadata: {},
  },
  resources: { 'logo-svg': `/kernelspecs/${KERNEL_NAME}/logo-svg.svg` },
};

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" role="img" aria-label="Trialroom">
<rect width="64" height="64" rx="12" fill="#1f3a4d"/>
<path d="M12 16v34h40" fill="none" stroke="#dfe7ea" stroke-width="3" stroke-linecap="round"/>
<path d="M16 22c6 18 14 24 34 25" fill="none" stroke="#f0a04b" stroke-width="4" stroke-linecap="round"/>
<text x="50" y="30" text-anchor="end" font-family="system-ui,sans-serif" font-size="17" font-weight="700" fill="#dfe7ea">TS</text>
</svg>
`;

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

export function kernelspecRoutes(door: Door): void {
  door.on('GET', /\/api\/kernelspecs/, 'read', async () =>
    json({ default: KERNEL_NAME, kernelspecs: { [KERNEL_NAME]: SPEC } }),
  );
  door.on('GET', /\/api\/kernelspecs\/(?<name>[^/]+)/, 'read', async ({ params: { name } }) => {
    requireKernelName(name);
    return json(SPEC);
  });
  door.on('GET', /\/kernelspecs\/(?<name>[^/]+)\/logo-svg\.svg/, 'read', async ({ params: { name } }) => {
    requireKernelName(name);
    return new Response(LOGO, {
      headers: {
        'content-type': 'image/svg+xml',
        'content-security-policy': "sandbox; default-src 'none'; style-src 'unsafe-inline'",
        'cache-control': 'public, max-age=86400',
      },
    });
  });
}
