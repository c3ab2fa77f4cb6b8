import { describe, expect, it } from 'vitest';
import { claimVariables } from '../../../src/session/claim-variables';

const all = () => true;

describe('the variables of claims', () => {
  it('have both prefixes', () => {
    expect(claimVariables({ sub: 'alice' }, all)).toEqual({ oidc_claim_sub: 'alice', jwt_claim_sub: 'alice' });
  });

  it('are those that the configuration declares, and no others', () => {
    const declared = (name: string) => ['jwt_claim_sub', 'oidc_claim_cognito_groups'].includes(name);
    const claims = { sub: 'alice', 'cognito:groups': ['a', 'b'], email: 'a@example.com' };
    expect(claimVariables(claims, declared)).toEqual({ jwt_claim_sub: 'alice', oidc_claim_cognito_groups: 'a,b' });
  });

  it('never are variables of another kind, whatever a claim is called', () => {
    const claims = { __proto__x: '1', 'sub\r\nX': '2', '../oidc_hmac_key': '3', '': '4' };
    for (const name of Object.keys(claimVariables(claims, all))) expect(name).toMatch(/^(oidc|jwt)_claim_[a-z0-9_]*$/);
  });

  it('leave out what has no plain text', () => {
    expect(claimVariables({ address: { street: 'x' }, nothing: null }, all)).toEqual({});
  });
});
