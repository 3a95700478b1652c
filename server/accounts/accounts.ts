/**
 * Who is here and what lets them in. A workspace has the owner's token and invites (secrets that make new people of a role),
 * browser sessions (a cookie) and bearers (a token used directly with the API: one person a token). Only hashes are stored;
 * of the owner's token not even that: it is what this process was started with, so that another one ends the old.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import {
  type Action,
  may,
  type Person,
  Person as PersonSchema,
  type Role,
  Role as RoleSchema,
} from '@trialroom/shared/policy/policy';
import { ulid } from 'ulid';
import type { Database } from '../database/database.ts';
import { Refusal } from '../http/refusal.ts';
import { CredentialRow, PersonRow } from './entities.ts';
import { friendlyName } from './names.ts';
import { ownerToken as ownerTokenOf } from './token.ts';

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
   * Lets a browser in. A browser that is signed in already stays who it is (with the token's role, if that allows more);
   * else a right token makes a new person and a `Set-Cookie` value. Null when the token is wrong.
   */
  signIn(token: string, headers: IdentifyingHeaders): Promise<{ person: Person; cookie?: string } | null>;
  /**
   * Lets a program in that keeps cookies: it is the person that the token is with the API, the same one each time. The
   * value of `Set-Cookie`, or null when the token is wrong.
   */
  admit(token: string): Promise<string | null>;
  /** Makes a token that signs people in with a role. */
  invite(role: Role): Promise<string>;
  /** Everyone who has ever signed in, by name; with `ids`, those of them. */
  people(ids?: readonly string[]): Promise<Person[]>;
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

const read = ({ id, name, colour, role }: { id: string; name: string; colour: string; role: string }): Person =>
  PersonSchema.parse({ id, name, colour, role });

/** Most browser sessions remembered at once. */
const REMEMBERED = 1000;

/** Opens the accounts of a workspace; at the first start makes the owner's token. `token` overrides it. */
export function createAccounts({
  db,
  dataDir,
  token,
  onChange = () => {},
}: {
  db: Database;
  dataDir: string;
  token?: string | undefined;
  /** Told when someone's name, colour or role has changed. */
  onChange?: (person: Person) => void;
}): Accounts {
  const ownerToken = ownerTokenOf(dataDir, token);
  const ownerHash = Buffer.from(hash(ownerToken));
  // Cookies of one host are shared by all its ports: two workspaces on one machine must not use one name. And so a new
  // owner's token signs every browser out, as whoever changes it expects.
  const cookieName = `trialroom-${hash(`cookie:${ownerToken}`).slice(0, 8)}`;

  /**
   * Who each browser session is, by hash, so that a request costs no query. Only over the embedded database, which no other
   * process can change; emptied whenever anyone changes.
   */
  const seen = new Map<string, { person: Person; until: number }>();

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
    return row && read(row);
  }

  /** The role that a token signs people in with; null when it is none. */
  async function roleOf(token: string): Promise<Role | null> {
    const key = hash(token);
    if (timingSafeEqual(Buffer.from(key), ownerHash)) return 'owner';
    const row = await db.em().findOne(CredentialRow, { hash: key, kind: 'invite' });
    return row && RoleSchema.parse(row.role);
  }

  /** The person behind a bearer token: the same one each time, made when it is first used. */
  async function bearer(token: string): Promise<Person | null> {
    const role = await roleOf(token);
    if (role === null) return null;
    const key = hash(`bearer:${token}`);
    const known = await db.em().findOne(CredentialRow, { hash: key });
    if (known?.person) return personOf(known.person);
    const person = await newPerson(role);
    await keep(key, 'bearer', person.role, person.id);
    const settled = await db.em().findOne(CredentialRow, { hash: key });
    return settled?.person ? personOf(settled.person) : person;
  }

  /** Gives someone a role if it allows more than theirs. */
  async function raise(person: Person, role: Role): Promise<Person> {
    if (RoleSchema.options.indexOf(role) <= RoleSchema.options.indexOf(person.role)) return person;
    await db.em().nativeUpdate(PersonRow, { id: person.id }, { role });
    seen.clear();
    const raised = { ...person, role };
    onChange(raised);
    return raised;
  }

  /** A new browser session of this person; the value of `Set-Cookie`. */
  async function open(person: Person): Promise<string> {
    const session = secret();
    await keep(hash(session), 'session', person.role, person.id);
    return `${cookieName}=${session}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${COOKIE_AGE}`;
  }

  async function authenticate(headers: IdentifyingHeaders): Promise<Person | null> {
    const direct = bearerOf(headers.authorization);
    if (direct !== undefined) return bearer(direct);
    const session = cookieOf(headers.cookie ?? '', cookieName);
    if (session === undefined) return null;
    const key = hash(session);
    const remembered = seen.get(key);
    if (remembered && Date.now() < remembered.until) return remembered.person;
    const row = await db.em().findOne(CredentialRow, { hash: key, kind: 'session' });
    const until = Number(row?.createdAt) + COOKIE_AGE * 1000;
    if (!row?.person || Date.now() > until) return null;
    const person = await personOf(row.person);
    if (person && db.kind === 'embedded') {
      if (seen.size >= REMEMBERED) seen.clear();
      seen.set(key, { person, until });
    }
    return person;
  }

  return {
    ownerToken,

    authenticate,

    async signIn(given, headers) {
      const role = await roleOf(given);
      if (role === null) return null;
      const already = headers.cookie === undefined ? null : await authenticate({ cookie: headers.cookie });
      if (already) return { person: await raise(already, role) };
      const person = await newPerson(role);
      return { person, cookie: await open(person) };
    },

    async admit(given) {
      const person = await bearer(given);
      return person && open(person);
    },

    async invite(role) {
      const made = secret();
      await keep(hash(made), 'invite', role, null);
      return made;
    },

    async people(ids) {
      if (ids?.length === 0) return [];
      const rows = await db.em().findAll(PersonRow, ids ? { where: { id: { $in: [...ids] } } } : {});
      return rows.map(read).sort((a, b) => a.name.localeCompare(b.name) || (a.id < b.id ? -1 : 1));
    },

    async rename(id, change) {
      if (Object.keys(change).length > 0) await db.em().nativeUpdate(PersonRow, { id }, change);
      seen.clear();
      const person = await personOf(id);
      if (!person) {
        throw new Refusal(404, { error: 'no-such-person', message: 'You are no longer in this workspace.' });
      }
      onChange(person);
      return person;
    },
  };
}

/** The token in an `Authorization` header, as `Bearer` or as Jupyter's `token`; undefined when there is none. */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  authorization?.match(/^(?:bearer|token)\s+(\S+)$/i)?.[1];

/** Value of a cookie in a `Cookie` header. */
export function cookieOf(header: string, name: string): string | undefined {
  for (const part of header.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return value.join('=');
  }
  return undefined;
}
