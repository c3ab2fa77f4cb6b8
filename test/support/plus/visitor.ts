// A browser at a site that startPlusSite() made.

import { createAgent } from '../agent';
import type { PlusAnswer } from './request';
import type { PlusSite } from './site';

export const page = (uri: string, cookie = '') => ({
  uri,
  headers: { 'sec-fetch-mode': 'navigate', accept: 'text/html', ...(cookie ? { cookie } : {}) },
});
export const cookiesOf = (answer: PlusAnswer) =>
  [answer.headers['Set-Cookie'] ?? []].flat().map((line) => line.split(';')[0] ?? '');

/** Signs alice in at the provider, and gives the path and query that it sends the browser back to. */
export async function callbackOf(start: PlusAnswer, replaced?: Record<string, string>): Promise<string> {
  const agent = createAgent();
  const form = await agent.navigate(String(start.headers.Location));
  const posted = await agent.post(form.url, { login: 'alice', password: 'wonderland' });
  await agent.close();
  const back = new URL(String(posted.headers.location));
  const query = replaced
    ? new URLSearchParams({ ...replaced, state: back.searchParams.get('state') ?? '' })
    : back.search.slice(1);
  return `/_codexch?${query}`;
}

/** The rest of a sign-in that `start` began; `replaced` takes the place of what the provider sends back. */
export async function finish(
  site: PlusSite,
  start: PlusAnswer,
  replaced?: Record<string, string>,
): Promise<PlusAnswer> {
  return finishAt(site, start, await callbackOf(start, replaced));
}

function finishAt(site: PlusSite, start: PlusAnswer, uri: string): Promise<PlusAnswer> {
  return site.request(page(uri, cookiesOf(start).join('; ')));
}

/** Signs alice in; `uri` is what the provider sent the browser back to. */
export async function signIn(site: PlusSite, path = '/') {
  const start = await site.request(page(path));
  const uri = await callbackOf(start);
  const callback = await finishAt(site, start, uri);
  const cookie = cookiesOf(callback).find((one) => one.startsWith('auth_token=')) ?? '';
  const get = (uri: string, node = 0) => site.request(page(uri, cookie), node);
  return { callback, uri, cookie, id: cookie.slice('auth_token='.length), get };
}
