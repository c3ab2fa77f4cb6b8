import { describe, expect, it } from 'vitest';
import { claimVariables as variablesAndRest } from '../../../src/session/claim-variables';

const all = () => true;
const limits = { mostBytes: 100, separator: ',' };
const claimVariables = (claims: Record<string, unknown>, isDeclared: (name: string) => boolean) =>
  variablesAndRest(claims, limits, isDeclared).variables;
const leftOut = (claims: Record<string, unknown>, isDeclared = all as (name: string) => boolean) =>
  variablesAndRest(claims, limits, isDeclared).leftOut;

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

  it('are not there for a claim that is too long, which is named once', () => {
    const claims = { sub: 'alice', groups: Array(40).fill('group') };
    expect(claimVariables(claims, all)).toEqual({ oidc_claim_sub: 'alice', jwt_claim_sub: 'alice' });
    expect(leftOut(claims)).toMatchObject([{ claim: 'groups', variable: 'oidc_claim_groups' }]);
    expect(leftOut(claims, (name) => name === 'jwt_claim_groups')).toMatchObject([{ variable: 'jwt_claim_groups' }]);
  });

  it('say nothing of a claim that nobody declared, or that is null', () => {
    expect(leftOut({ groups: Array(40).fill('group'), address: {} }, () => false)).toEqual([]);
    expect(leftOut({ groups: null })).toEqual([]);
  });

  it('hold none of two claims that would share one', () => {
    const claims = { groups: ['staff'], Groups: ['admins'], 'cognito:x': 'a', cognito_x: null };
    expect(claimVariables(claims, (name) => name.startsWith('oidc_'))).toEqual({ oidc_claim_cognito_x: 'a' });
    expect(leftOut(claims)).toMatchObject([
      { claim: 'groups', problem: 'shares its variable with the claim "Groups"' },
    ]);
  });
});
