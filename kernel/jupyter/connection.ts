/** Jupyter's connection file: where a client expects the kernel's five sockets, and the key that both sign with. */
import { readFileSync } from 'node:fs';
import { isJson } from '@trialroom/shared/jupyter/messages';

/** The sockets of a kernel. */
export const SOCKETS = ['shell', 'control', 'iopub', 'stdin', 'hb'] as const;
/** Name of one of the sockets. */
export type SocketName = (typeof SOCKETS)[number];

/** What a connection file says, checked. */
export interface Connection {
  /** ZeroMQ's address of each socket. */
  addresses: Record<SocketName, string>;
  /** Ports as the file has them, for `connect_request`. */
  ports: Record<SocketName, number>;
  /** Empty: nothing is signed. */
  key: string;
  /** As `node:crypto` names it. */
  digest: string;
}

/** Reads a connection file. @throws Error in words */
export function readConnection(path: string): Connection {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`the connection file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    return parseConnection(text);
  } catch (error) {
    throw new Error(
      `the connection file ${path} is of no use: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Reads the text of a connection file. @throws Error in words */
export function parseConnection(text: string): Connection {
  const value: unknown = JSON.parse(text);
  if (!isJson(value)) throw new Error('it is not a JSON object');
  const { transport = 'tcp', ip = '127.0.0.1', key = '', signature_scheme: scheme = 'hmac-sha256' } = value;
  if (transport !== 'tcp' && transport !== 'ipc')
    throw new Error(`transport ${String(transport)} is neither tcp nor ipc`);
  if (typeof ip !== 'string' || ip === '') throw new Error('ip is missing');
  if (typeof key !== 'string') throw new Error('key is no text');
  if (typeof scheme !== 'string' || !scheme.startsWith('hmac-')) {
    throw new Error(`signature_scheme ${String(scheme)} is not of the form hmac-…`);
  }
  const port = (name: SocketName): number => {
    const number = value[`${name}_port`];
    if (typeof number === 'number' && Number.isInteger(number) && number > 0 && number < 65_536) return number;
    throw new Error(`${name}_port is missing or no port`);
  };
  const ports = {
    shell: port('shell'),
    control: port('control'),
    iopub: port('iopub'),
    stdin: port('stdin'),
    hb: port('hb'),
  };
  const address = (name: SocketName): string =>
    transport === 'tcp' ? `tcp://${ip.includes(':') ? `[${ip}]` : ip}:${ports[name]}` : `ipc://${ip}-${ports[name]}`;
  return {
    addresses: {
      shell: address('shell'),
      control: address('control'),
      iopub: address('iopub'),
      stdin: address('stdin'),
      hb: address('hb'),
    },
    ports,
    key,
    digest: scheme.slice('hmac-'.length),
  };
}
