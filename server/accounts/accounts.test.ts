import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Person } from '@trialroom/shared/policy/policy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Database } from '../database/database.ts';
import { testDatabases } from '../database/testing.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { CredentialRow } from './entities.ts';

describe.each(testDatabases())('accounts on $name', ({ open }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'trialroom-accounts-'));
  const changes: Person[] = [];
  let db: Database;
  let accounts: Accounts;
  const start = (token?: string): Accounts =>
    createAccounts({ db, dataDir, token, onChange: (person) => changes.push(person) });
  beforeAll(async () => {
    db = await open();
    accounts = start();
  });
  afterAll(async () => {
    await db.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const enter = async (token: string, cookie?: string): Promise<{ person: Person; cookie: string }> => {
    const entered = await accounts.signIn(token, { cookie });
    if (!entered) throw new Error('not let in');
    return { person: entered.person, cookie: entered.cookie?.split(';')[0] ?? cookie ?? '' };
  };

  test('gives eight people different names and six different colours', async () => {
    const people = [];
    for (let index = 0; index < 8; index++) people.push((await enter(accounts.ownerToken)).person);
    expect(new Set(people.map(({ name }) => name)).size).toBe(8);
    expect(new Set(people.slice(0, 6).map(({ colour }) => colour)).size).toBe(6);
  });

  test('raises the role of someone who comes back with a better token, and never lowers it', async () => {
    const invited = await enter(await accounts.invite('viewer'));
    expect(invited.person.role).toBe('viewer');
    const raised = await enter(accounts.ownerToken, invited.cookie);
    expect(raised.person).toEqual({ ...invited.person, role: 'owner' });
    expect(changes.at(-1)).toEqual(raised.person);
    const again = await enter(await accounts.invite('viewer'), invited.cookie);
    expect(again.person.role).toBe('owner');
    expect(await accounts.authenticate({ cookie: invited.cookie })).toEqual(raised.person);
  });

  test('stores no secret as it is', async () => {
    const invite = await accounts.invite('editor');
    const { cookie } = await enter(invite);
    await accounts.authenticate({ authorization: `Bearer ${invite}` });
    const stored = JSON.stringify(await db.em().findAll(CredentialRow));
    for (const secret of [accounts.ownerToken, invite, cookie.split('=')[1] ?? '?'])
      expect(stored).not.toContain(secret);
  });

  test('lets nobody in with what is not a token', async () => {
    const { cookie } = await enter(accounts.ownerToken);
    const [name = '', session = ''] = cookie.split('=');
    const [row] = await db.em().find(CredentialRow, { kind: 'session' }, { limit: 1 });
    for (const token of ['', 'x', session, row?.hash ?? '', `bearer:${accounts.ownerToken}`]) {
      expect(await accounts.signIn(token, {})).toBeNull();
      expect(await accounts.authenticate({ authorization: `Bearer ${token}` })).toBeNull();
      expect(await accounts.authenticate({ cookie: `${name}=${token}x` })).toBeNull();
    }
    // A wrong token is wrong, whatever cookie comes with it.
    expect(await accounts.authenticate({ cookie, authorization: 'Bearer wrong' })).toBeNull();
  });

  test('another owner’s token ends the old one and signs browsers out; people stay', async () => {
    const { cookie, person } = await enter(accounts.ownerToken);
    const before = await accounts.authenticate({ authorization: `Bearer ${accounts.ownerToken}` });
    const renewed = start('another-token');
    expect(await renewed.signIn(accounts.ownerToken, {})).toBeNull();
    expect(await renewed.authenticate({ authorization: `Bearer ${accounts.ownerToken}` })).toBeNull();
    expect(await renewed.signIn('another-token', {})).not.toBeNull();
    expect(await renewed.authenticate({ cookie })).toBeNull();
    expect(await start().authenticate({ cookie })).toEqual(person);
    expect(await start().authenticate({ authorization: `Bearer ${accounts.ownerToken}` })).toEqual(before);
  });

  test('forgets a browser that was signed in too long ago', async () => {
    const { cookie, person } = await enter(accounts.ownerToken);
    const century = Date.now() - 100 * 365 * 24 * 3600 * 1000;
    await db.em().nativeUpdate(CredentialRow, { person: person.id, kind: 'session' }, { createdAt: century });
    expect(await accounts.authenticate({ cookie })).toBeNull();
  });
});
