import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkHighSecurity } from '../../../src/check/high-security';
import { readConfig } from '../../../src/config/config';
import { siteVariables } from '../../support/fake-ngx';

const folder = mkdtempSync(join(tmpdir(), 'check-'));
const keyfile = join(folder, 'client.pem');
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
writeFileSync(keyfile, privateKey.export({ format: 'pem', type: 'pkcs8' }));
afterAll(() => rmSync(folder, { recursive: true }));

/** The findings as `state about: value -> remedy`. */
async function said(offered: object, settings: Record<string, string> = {}) {
  const set: Record<string, string> = { ...siteVariables, oidc_client_keyfile: keyfile };
  for (const [name, value] of Object.entries(settings)) set[`oidc_${name}`] = value;
  const metadata = { issuer: 'https://idp.test', ...offered };
  const findings = await checkHighSecurity(
    readConfig((name) => set[name]),
    metadata,
  );
  return findings.map(
    ({ state, about, value, remedy }) => `${state} ${about}: ${value}${remedy ? ` -> ${remedy}` : ''}`,
  );
}

const all = {
  pushed_authorization_request_endpoint: 'https://idp.test/par',
  dpop_signing_alg_values_supported: ['ES256', 'PS256'],
  request_object_signing_alg_values_supported: ['PS256', 'ES256'],
  response_modes_supported: ['query', 'form_post', 'jwt'],
  authorization_response_iss_parameter_supported: true as const,
};

describe('the check of what is beyond the usual', () => {
  it('is silent where nothing is on, and the provider has nothing', async () => {
    expect(await said({})).toEqual([]);
    expect(await said({ response_modes_supported: ['query', 'form_post'] })).toEqual([]);
  });

  it('tells what the provider has, and how to turn it on', async () => {
    expect(await said(all)).toEqual([
      'info pushed requests: off; the provider takes them -> set $oidc_par on',
      'info responses: not signed; the provider can sign them -> set $oidc_response_mode jwt',
      'info bound tokens: off; the provider can bind tokens to a key -> set $oidc_dpop 1',
    ]);
  });

  it('tells what a profile made of it', async () => {
    expect(await said(all, { profile: 'fapi2' })).toEqual([
      'ok profile: fapi2',
      'ok pushed requests: on, at https://idp.test/par',
      'info responses: not signed; the provider can sign them -> set $oidc_response_mode jwt',
      'ok bound tokens: to a key of each session, ES256',
    ]);
    expect(await said(all, { profile: 'fapi2-message-signing' })).toEqual([
      'ok profile: fapi2-message-signing',
      'ok pushed requests: on, at https://idp.test/par',
      'ok signed requests: on, ES256',
      'ok responses: jwt: signed ones alone',
      'ok bound tokens: to a key of each session, ES256',
    ]);
    const byCertificate = { profile: 'fapi2', mtls: '1' };
    expect(await said({ ...all, mtls_endpoint_aliases: {} }, byCertificate)).toContain(
      'ok bound tokens: to the certificate, at the mtls_endpoint_aliases',
    );
  });

  it('tells what is done because the provider requires it', async () => {
    const required = { require_pushed_authorization_requests: true, require_signed_request_object: true };
    expect(await said({ ...all, ...required })).toEqual(
      expect.arrayContaining([
        'ok pushed requests: required, at https://idp.test/par',
        'ok signed requests: required, ES256',
      ]),
    );
  });

  it.each([
    [{ profile: 'fapi2' }, { authorization_response_iss_parameter_supported: undefined }, /^warning profile: .*"iss"/],
    [{ par: 'on' }, { pushed_authorization_request_endpoint: undefined }, /^problem pushed requests: wanted/],
    [{ par: 'off' }, { require_pushed_authorization_requests: true }, /^problem pushed requests: .*requires them/],
    [{ signed_request: 'off' }, { require_signed_request_object: true }, /^problem signed requests: .*requires them/],
    [
      { signed_request: 'on' },
      { request_object_signing_alg_values_supported: ['PS512'] },
      /^problem signed requests: .*no key to sign with by PS512/,
    ],
    [
      { signed_request: 'by_reference' },
      { request_uri_parameter_supported: false },
      /^problem signed requests: by_reference, and the provider fetches none/,
    ],
    [
      { response_mode: 'form_post.jwt' },
      {},
      /^warning responses: form_post.jwt, and the provider lists query, form_post/,
    ],
    [{ dpop: '1' }, { dpop_signing_alg_values_supported: ['RS256'] }, /^problem bound tokens: .*RS256 only/],
    [{ dpop: '1' }, { dpop_signing_alg_values_supported: undefined }, /^warning bound tokens: .*do not say/],
  ])('finds fault with %j at a provider with %j', async (settings, change, line) => {
    const lines = await said({ ...all, ...change }, settings);
    expect(lines.filter((one) => line.test(one))).toHaveLength(1);
    expect(lines.find((one) => line.test(one))).toContain(' -> ');
  });

  it('does not expect metadata of a provider whose endpoints are set by hand', async () => {
    expect(await said({ issuer: undefined }, { dpop: '1', par: 'on', par_endpoint: 'https://idp.test/par' })).toEqual([
      'ok pushed requests: on, at https://idp.test/par',
      'ok bound tokens: to a key of each session, ES256',
    ]);
  });
});
