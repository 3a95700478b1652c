/** The server that this process tells of its trials, if it was told of one. */
import { type RemoteOptions, remoteSettings } from '@trialroom/shared/remote/settings';
import type { KernelHost } from '../../process/host.ts';
import { remoteHost } from './host.ts';

let given: RemoteOptions = {};
let made: { key: string; host: KernelHost } | undefined;

/** Says where trials that are opened from now on go; what is left out comes from the environment. */
export function tellServer(options: RemoteOptions): void {
  const said = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  given = { ...given, ...said };
}

/**
 * The host that sends to a server, or null when nothing names one. `terminal` does what needs no server.
 * @throws TypeError when the settings make no sense
 */
export function currentRemote(terminal: () => KernelHost): KernelHost | null {
  const settings = remoteSettings(given, process.env);
  if (!settings) return null;
  const key = JSON.stringify(settings);
  if (made?.key !== key) made = { key, host: remoteHost(terminal(), settings) };
  return made.host;
}
