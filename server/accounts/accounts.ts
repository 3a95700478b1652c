/**
 * Who is here and what lets them in. A workspace has invites (secrets that make new people of a role; the owner's token is the
 * first of them), browser sessions (a cookie) and bearers (a token used directly with the API: one person a token).
 * Only hashes are stored; the owner's token itself is kept in a file that only its user may read.
 */
import { createHash, randomBytes } from 'node:crypto';
import { type Action, may, type Person, Person as PersonSchema, type Role } from '@trialroom/shared/policy/policy';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { CredentialRow, PersonRow } from './entities.ts';
import { friendlyName } from './names.ts';
import { ownerToken as ownerTokenOf } from './token.ts';

/** Name of the cookie that carries a browser's session. */
export const COOKIE = 'trialroom';

/** How long a browser stays signed in, in seconds. */
const COOKIE_AGE = 90 * 24 * 60 * 60;

/** The headers that say who asks; the same for requests, upgrades and Socket.IO handshakes. */
export interface IdentifyingHeaders {
  cookie?: string | undefined;
  authorization?: string | undefined;
}

export interface Accounts {
  /** The owner's token, for the address that is printed at start. */
  readonly ownerToken: string;
  /** Who sends these headers: by cookie, or by `Authorization: Bearer`. Null for a stranger. */
  authenticate(headers: IdentifyingHeaders): Promise<Person | null>;
  /**
   * Lets a browser in. A browser that is signed in already stays who it is; else a right token makes a new person and a
   * `Set-Cookie` value. Null when the token is wrong.
   */
  signIn(token: string, headers: IdentifyingHeaders): Promise<{ person: Person; cookie?: string } | null>;
  /** Makes a token that signs people in with a role. */
  invite(role: Role): Promise<string>;
  /** Changes name or colour. */
  rename(id: string, change: { name?: string; colour?: Person['colour'] }): Promise<Person>;
}

/** @throws Refusal (403) when someone of this role may not do this */
export function requireRole(person: Person, action: Action): void {
  if (may(person.role, action)) return;
  throw new Refusal(403, {
    error: 'not-allowed',
    message: `As ${person.role} you may not ${action} here.`,
    fix: 'Ask an owner of this workspace for a sign-in link with another role.',
  });
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const secret = (): string => randomBytes(24).toString('hex');
const COLOURS = PersonSchema.shape.colour.options;

/** Opens the accounts of a workspace; at the first start makes the owner's token. `token` overrides it. */
export async function createAccounts({
  db,
  dataDir,
  token,
}: {
  db: Database;
  dataDir: string;
  token?: string | undefined;
}): Promise<Accounts> {
  const ownerToken = ownerTokenOf(dataDir, token);
  await keep(hash(ownerToken), 'invite', 'owner', null);

  /** Insert that two servers may race for. */
  async function keep(key: string, kind: string, role: string, person: string | null): Promise<void> {
    await db
      .em()
      .upsert(CredentialRow, { hash: key, kind, role, person, createdAt: Date.now() }, { onConflictAction: 'ignore' });
  }

  async function newPerson(role: Role): Promise<Person> {
    const em = db.em();
    const people = await em.findAll(PersonRow, { fields: ['name', 'colour'] });
    const uses = (colour: string): number => people.filter((one) => one.colour === colour).length;
    const colour = [...COLOURS].sort((a, b) => uses(a) - uses(b))[0] ?? 'a';
    const person: Person = { id: ulid(), name: friendlyName(new Set(people.map(({ name }) => name))), colour, role };
    await em.insert(PersonRow, { ...person, createdAt: Date.now() });
    return person;
  }

  async function personOf(id: string): Promise<Person | null> {
    const row = await db.em().findOne(PersonRow, { id });
    return row ? PersonSchema.parse({ id: row.id, name: row.name, colour: row.colour, role: row.role }) : null;
  }

  /** The person behind a bearer token: the same one each time, made when it is first used. */
  async function bearer(token: string): Promise<Person | null> {
    const direct = await db.em().findOne(CredentialRow, { hash: hash(token) });
    if (!direct) return null;
    if (direct.kind === 'session' && direct.person) return personOf(direct.person);
    const key = hash(`bearer:${token}`);
    const known = await db.em().findOne(CredentialRow, { hash: key });
    if (known?.person) return personOf(known.person);
    const person = await newPerson(PersonSchema.shape.role.parse(direct.role));
    await keep(key, 'bearer', person.role, person.id);
    const settled = await db.em().findOne(CredentialRow, { hash: key });
    return settled?.person ? personOf(settled.person) : person;
  }

  async function authenticate(headers: IdentifyingHeaders): Promise<Person | null> {
    const direct = headers.authorization?.match(/^(?:bearer|token)\s+(\S+)$/i)?.[1];
    if (direct !== undefined) return bearer(direct);
    const session = cookieOf(headers.cookie ?? '', COOKIE);
    if (session === undefined) return null;
    const row = await db.em().findOne(CredentialRow, { hash: hash(session), kind: 'session' });
    return row?.person ? personOf(row.person) : null;
  }

  return {
    ownerToken,

    authenticate,

    async signIn(given, headers) {
      const already = headers.cookie === undefined ? null : await authenticate({ cookie: headers.cookie });
      const row = await db.em().findOne(CredentialRow, { hash: hash(given), kind: 'invite' });
      if (!row) return null;
      if (already) return { person: already };
      const person = await newPerson(PersonSchema.shape.role.parse(row.role));
      const session = secret();
      await keep(hash(session), 'session', person.role, person.id);
      return { person, cookie: `${COOKIE}=${session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${COOKIE_AGE}` };
    },

    async invite(role) {
      const made = secret();
      await keep(hash(made), 'invite', role, null);
      return made;
    },

    async rename(id, change) {
      await db.em().nativeUpdate(PersonRow, { id }, change);
      const person = await personOf(id);
      if (!person) throw new Error(`no person ${id}`);
      return person;
    },
  };
}

/** Value of a cookie in a `Cookie` header. */
function cookieOf(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
