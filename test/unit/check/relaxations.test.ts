import { expect, it } from 'vitest';
import { checkRelaxations } from '../../../src/check/relaxations';
import { readConfig } from '../../../src/config/config';
import { siteVariables } from '../../support/fake-ngx';

const of = (settings: Record<string, string> = {}) => {
  const variables: Record<string, string> = { ...siteVariables, ...settings };
  return checkRelaxations(readConfig((name) => variables[name])).map(({ state, value }) => [
    state,
    value.split(/[ :]/)[0],
  ]);
};

it('says nothing of a site that has none', () => {
  expect(of()).toEqual([]);
});

it.each([
  ['oidc_insecure_http_provider', '1', 'warning'],
  ['oidc_pkce_enable', '0', 'warning'],
  ['oidc_keep_signed_in', 'always', 'info'],
])('tells what $%s %s costs', (name, value, state) => {
  expect(of({ [name]: value })).toEqual([[state, `$${name}`]]);
});

it('tells what cookies for other sites cost', () => {
  expect(of({ oidc_cookie_same_site: 'None' })).toEqual([['info', '$oidc_cookie_same_site']]);
});
