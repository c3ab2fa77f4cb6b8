import { describe, expect, it } from 'vitest';
import { expectedIssuer, isKeyOfIssuer, issuerOfTenant, issuerTemplate } from '../../../src/protocol/tenants';

const template = 'https://login.test/{tenantid}/v2.0';
const tenants = ['t-1', 't-2'];

describe('the issuer of a provider with many tenants', () => {
  it.each([
    ['https://login.test/organizations/v2.0', template],
    ['https://login.test/common/v2.0', template],
    ['https://login.test/consumers', 'https://login.test/{tenantid}'],
    [template, template],
    ['https://login.test/t-1/v2.0', undefined],
    ['https://organizations.test/v2.0', undefined],
    ['https://login.test/organizations2/v2.0', undefined],
    ['https://login.test/{tenantid}/{tenantid}', undefined],
    ['', undefined],
  ])('%j is in the metadata %j', (issuer, inMetadata) => expect(issuerTemplate(issuer)).toBe(inMetadata));

  it('is that of a tenant with its id in place, whatever is in the id', () => {
    expect(issuerOfTenant(template, 't-1')).toBe('https://login.test/t-1/v2.0');
    expect(issuerOfTenant(template, '$&$1')).toBe('https://login.test/$&$1/v2.0');
  });

  it('that a token must name is that of its own tenant, which must be on the list', () => {
    expect(expectedIssuer(template, tenants, { tid: 't-2' })).toBe('https://login.test/t-2/v2.0');
    expect(expectedIssuer(template, tenants, { tid: 't-2', iss: 'https://evil.test' })).toBe(
      'https://login.test/t-2/v2.0',
    );
  });

  it.each([undefined, '', 't', 't-3', 'T-1', ['t-1'], { 't-1': 1 }, null, 't-1 ', '__proto__'])(
    'a tenant that is not on the list is refused: %j',
    (tid) => {
      expect(() => expectedIssuer(template, tenants, { tid })).toThrow(
        expect.objectContaining({ code: 'tenant_not_allowed' }),
      );
    },
  );

  it('is the one of the metadata where there is one tenant', () => {
    expect(expectedIssuer('https://idp.test', [], { tid: 'x' })).toBe('https://idp.test');
  });
});

describe('a key', () => {
  const claims = { iss: 'https://login.test/t-1/v2.0', tid: 't-1' };

  it.each([
    [undefined, true],
    [template, true],
    ['https://login.test/t-1/v2.0', true],
    ['https://login.test/t-2/v2.0', false],
    ['https://evil.test/{tenantid}/v2.0', false],
    ['', false],
  ])('of issuer %j may sign for the tenant: %j', (issuer, may) => {
    const key = { kty: 'RSA' as const, ...(issuer === undefined ? {} : { issuer }) };
    expect(isKeyOfIssuer(key, claims)).toBe(may);
  });

  it('whose issuer is known signs for no token without one', () => {
    expect(isKeyOfIssuer({ kty: 'RSA', issuer: template }, {})).toBe(false);
  });
});
