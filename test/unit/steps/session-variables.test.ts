import { describe, expect, it, vi } from 'vitest';
import { leftOutLately } from '../../../src/session/left-out-claims';
import { createContext } from '../../../src/visit/context';
import { fakeZones, removeZonesAfterwards, siteVariables } from '../../support/fake-ngx';
import { fakeRequest } from '../../support/fake-request';

removeZonesAfterwards();

const declared = { jwt_claim_sub: '', oidc_claim_groups: '', oidc_claim_name: '' };

/** Of a worker that has just started. */
async function freshSessionVariables() {
  vi.resetModules();
  return (await import('../../../src/steps/session-variables')).sessionVariables;
}

async function started(settings: Record<string, string> = {}) {
  const sessionVariables = await freshSessionVariables();
  fakeZones();
  const r = fakeRequest({ ...siteVariables, ...declared, ...settings });
  const context = createContext(r);
  const of = (claims: Record<string, unknown>) => sessionVariables(context, claims, 9, 8);
  return { r, context, of, variables: (claims: Record<string, unknown>) => of(claims).variables };
}

it('is asked of NGINX once for each name, whatever the requests', async () => {
  const sessionVariables = await freshSessionVariables();
  fakeZones();
  const asked: string[] = [];
  for (let request = 0; request < 3; request++) {
    const r = fakeRequest({ ...siteVariables, ...declared });
    const variables = new Proxy(r.variables, {
      set(target, name: string, value) {
        asked.push(name);
        target[name] = value;
        return true;
      },
    });
    const context = createContext(Object.assign(r, { variables }));
    sessionVariables(context, { sub: 'alice', unknown: 'x' }, 9, 8);
  }
  expect(asked.filter((name) => name === 'oidc_claim_unknown')).toHaveLength(1);
});

describe('what the location wants of a session', () => {
  it.each<[string, Record<string, string | undefined>]>([
    ['', { access_token: undefined, id_token: undefined }],
    ['s', { jwt_claim_sub: '' }],
    ['a', { access_token: undefined }],
    ['as', { access_token: '' }],
    ['i', { id_token: undefined }],
  ])('is %j', async (wants, variables) => {
    const sessionVariables = await freshSessionVariables();
    fakeZones();
    const nothing = wants === '' ? {} : variables; // a name that is not there at all is declared by nothing
    const context = createContext(fakeRequest({ ...siteVariables, ...nothing }));
    expect(sessionVariables(context, { sub: 'alice' }, 9, 8).wants).toBe(wants);
  });
});

describe('the variables of a session', () => {
  it('are the claims that the configuration declares', async () => {
    const { r, variables } = await started();
    expect(variables({ sub: 'alice', groups: ['a', 'b'], email: 'x' })).toEqual({
      jwt_claim_sub: 'alice',
      oidc_claim_groups: 'a,b',
    });
    expect(r.log).toEqual([]);
  });

  it('are joined by $oidc_list_separator and may be as long as $oidc_claim_max_length', async () => {
    const { variables } = await started({ oidc_list_separator: ';', oidc_claim_max_length: '9000' });
    const list = ['cn=a,dc=x', 'n'.repeat(8500)];
    expect(variables({ groups: list })).toEqual({ oidc_claim_groups: list.join(';') });
  });

  it('leave out one that is too long, with one warning, and remember it for a day', async () => {
    const { r, context, variables } = await started();
    const groups = Array(1500).fill('staff');
    expect(variables({ sub: 'alice', groups })).toEqual({ jwt_claim_sub: 'alice' });
    expect(r.log).toEqual([{ level: 'warn', line: expect.stringMatching(/^oidc: claim_left_out ref=\w+ the claim/) }]);
    expect(r.log[0]?.line).toContain('the claim "groups" takes 8999 bytes, more than $oidc_claim_max_length (8000)');
    expect(r.log[0]?.line).not.toContain('staff');
    variables({ groups });
    variables({ name: 'a\nb' });
    const notes = (later: number) =>
      leftOutLately(context.cache, context.realm, context.now + later).map(({ claim, at }) => [claim, at]);
    expect(notes(1000)).toEqual([
      ['groups', context.now],
      ['name', context.now],
    ]);
    expect(notes(86400)).toEqual([]);
    expect(leftOutLately(context.cache, 'another realm', context.now)).toEqual([]);
  });

  it('are there although the note of another one finds no room', async () => {
    const { context, variables } = await started();
    context.cache.set = () => {
      throw new Error('full');
    };
    expect(variables({ sub: 'alice', name: { first: 'Alice' } })).toEqual({ jwt_claim_sub: 'alice' });
  });

  it('are never settings: a claim named max_length never sets a setting', async () => {
    const { variables } = await started({ oidc_claim_max_length: '9000' });
    expect(variables({ max_length: '1' })).toEqual({});
  });
});
