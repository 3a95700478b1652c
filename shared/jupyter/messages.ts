/**
 * Jupyter's messages, protocol 5.4: what one is, and how one is made. How they travel is elsewhere: `websocket.ts` for
 * the server's channels, `kernel/jupyter/` for ZeroMQ. Nothing here loads a schema library, since a kernel that starts
 * behind ZeroMQ has no time for one.
 */

/** The version that we speak. */
export const JUPYTER_PROTOCOL = '5.4';

/** The channels on which messages travel. */
export const JUPYTER_CHANNELS = ['shell', 'control', 'iopub', 'stdin'] as const;
/** Name of a channel. */
export type JupyterChannel = (typeof JUPYTER_CHANNELS)[number];

/** JSON object. */
export type Json = Record<string, unknown>;

/** Who said what, when; field names are Jupyter's. */
export interface JupyterHeader {
  msg_id: string;
  msg_type: string;
  /** Of whoever sent the message: a client's, or the kernel's own. */
  session: string;
  username: string;
  /** ISO 8601 */
  date: string;
  version: string;
}

/** A message without the channel it travels on. */
export interface JupyterParts {
  header: JupyterHeader;
  /** Header of the request that this belongs to; empty for what nobody asked for. */
  parent_header: JupyterHeader | Record<string, never>;
  metadata: Json;
  content: Json;
  buffers: Uint8Array[];
}

/** A message and the channel that it travels on. */
export interface JupyterMessage extends JupyterParts {
  channel: JupyterChannel;
}

/** Something that came from outside and is not a message, in words. */
export class JupyterFormatError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'JupyterFormatError';
  }
}

/** What a {@link MessageMaker} needs beyond type and content. */
export interface MessageOptions {
  parent?: JupyterHeader | undefined;
  metadata?: Json | undefined;
  buffers?: Uint8Array[] | undefined;
}

/** Makes messages of one sender; each gets an id of its own. */
export class MessageMaker {
  readonly session: string;
  readonly username: string;
  #made = 0;

  /** @param session any text that no other sender has, e.g. a UUID */
  constructor(session: string, username = 'kernel') {
    this.session = session;
    this.username = username;
  }

  /** A header of this sender's, with an id that no other has. */
  header(type: string): JupyterHeader {
    return {
      msg_id: `${this.session}_${++this.#made}`,
      msg_type: type,
      session: this.session,
      username: this.username,
      date: new Date().toISOString(),
      version: JUPYTER_PROTOCOL,
    };
  }

  /** A whole message of this sender's. `parent`: the request that it belongs to. */
  message(
    channel: JupyterChannel,
    type: string,
    content: Json,
    { parent, metadata = {}, buffers = [] }: MessageOptions = {},
  ): JupyterMessage {
    return { channel, header: this.header(type), parent_header: parent ?? {}, metadata, content, buffers };
  }
}

/** True for a JSON object. */
export const isJson = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for the name of a channel. */
export const isChannel = (value: unknown): value is JupyterChannel =>
  JUPYTER_CHANNELS.some((channel) => channel === value);

/** Reads a header; what clients often leave out (`date`, `version`, `username`) may be absent. */
export function readHeader(value: unknown): JupyterHeader {
  if (!isJson(value)) throw new JupyterFormatError('the header of a message is not a JSON object');
  const { msg_id: id, msg_type: type, session, username, date, version } = value;
  if (typeof id !== 'string' || typeof type !== 'string') {
    throw new JupyterFormatError('the header of a message needs msg_id and msg_type, both texts');
  }
  const text = (field: unknown): string => (typeof field === 'string' ? field : '');
  return {
    ...value,
    msg_id: id,
    msg_type: type,
    session: text(session),
    username: text(username),
    date: text(date),
    version: text(version) || JUPYTER_PROTOCOL,
  };
}

/** Reads a parent header, which is empty where there is none. */
export function readParentHeader(value: unknown): JupyterParts['parent_header'] {
  if (value === null || value === undefined) return {};
  if (isJson(value) && Object.keys(value).length === 0) return {};
  return readHeader(value);
}

/** Reads metadata or content. */
export function readJson(value: unknown, what: string): Json {
  if (value === null || value === undefined) return {};
  if (!isJson(value)) throw new JupyterFormatError(`the ${what} of a message is not a JSON object`);
  return value;
}

/** The id that a parent header names; undefined for an empty one. */
export const parentId = (parent: JupyterParts['parent_header']): string | undefined =>
  'msg_id' in parent ? parent.msg_id : undefined;
