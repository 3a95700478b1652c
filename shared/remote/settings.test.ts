import { expect, test } from 'vitest';
import { remoteSettings } from './settings.ts';

test('nothing that names a server, and no wish to keep: nothing', () => {
  expect(remoteSettings({}, {})).toBeNull();
  expect(remoteSettings({}, { TRIALROOM_MODE: 'offline' })).toMatchObject({ server: null, url: null });
});

test.each([
  ['http://host:8700', undefined, { url: 'http://host:8700', token: undefined }],
  ['http://host:8700/', 'own', { url: 'http://host:8700', token: 'own' }],
  ['https://host/?token=pasted', undefined, { url: 'https://host', token: 'pasted' }],
  ['https://host/room/?token=pasted#x', 'own', { url: 'https://host/room/', token: 'own' }],
])('of %s and the token %s', (url, token, server) => {
  expect(remoteSettings({}, { TRIALROOM_URL: url, TRIALROOM_TOKEN: token })).toMatchObject({ server, url: server.url });
});

test.each(['somewhere', 'ftp://host', 'http://', 'http://[x'])('%s is no address', (url) => {
  expect(() => remoteSettings({ url }, {})).toThrow(`TRIALROOM_URL is "${url}"; give an address such as`);
});

test('what makes no sense is refused with its name', () => {
  expect(() => remoteSettings({}, { TRIALROOM_MODE: 'maybe' })).toThrow('TRIALROOM_MODE is "maybe"');
  expect(() => remoteSettings({ mode: 'offline' }, { TRIALROOM_SPOOL_MB: '-1' })).toThrow('TRIALROOM_SPOOL_MB is "-1"');
});
