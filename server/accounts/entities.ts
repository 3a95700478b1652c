/** Tables of accounts: who is here, and what lets them in. Secrets are never stored, only their SHA-256. */
import { defineEntity, p } from '@mikro-orm/core';

export const PersonRow = defineEntity({
  name: 'Person',
  tableName: 'people',
  properties: {
    id: p.string().length(40).primary(),
    name: p.string().length(60),
    colour: p.string().length(1),
    role: p.string().length(16),
    /** ms since the epoch. */
    createdAt: p.double(),
  },
});

/**
 * What signs someone in. `invite` makes new people of a role; `session` is a browser's cookie and `bearer` a token used
 * directly with the API: these two belong to one person.
 */
export const CredentialRow = defineEntity({
  name: 'Credential',
  tableName: 'credentials',
  properties: {
    /** SHA-256 of the secret, in hex. */
    hash: p.string().length(64).primary(),
    kind: p.string().length(16),
    role: p.string().length(16),
    person: p.string().length(40).nullable().index(),
    /** ms since the epoch. */
    createdAt: p.double(),
  },
});

export const accountsEntities = [PersonRow, CredentialRow];
