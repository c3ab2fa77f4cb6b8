import { randomBytes } from 'node:crypto';
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose';
import type { Behaviour } from './behaviour';
import type { Client } from './client';

interface Asked {
  issuer: string;
  client: Client;
  does: Behaviour;
}

/** Authorization requests that were pushed (RFC 9126), by the URI that stands for them once. */
const pushed = new Map<string, URLSearchParams>();
const usedOnce = new Set<string>();

export function keepPushed(request: URLSearchParams): string {
  const uri = `urn:ietf:params:oauth:request_uri:${randomBytes(24).toString('base64url')}`;
  pushed.set(uri, request);
  return uri;
}

/** What is really asked for: pushed, signed, both or neither. Throws an Error whose message is the OAuth error. */
export async function resolved(asked: Asked, query: URLSearchParams): Promise<URLSearchParams> {
  const uri = query.get('request_uri');
  if (uri === null) {
    if (asked.does.requirePushed) throw new Error('invalid_request');
    return opened(asked, query);
  }
  if (/^https?:/.test(uri)) return opened(asked, await fetched(uri, query));
  const names = [...query.keys()].sort().join();
  const request = pushed.get(uri);
  pushed.delete(uri);
  if (!request || names !== 'client_id,request_uri') throw new Error('invalid_request_uri');
  return request;
}

/** The request object that is at an address of the client (OpenID Connect Core 6.2), with the client that brought it. */
async function fetched(uri: string, query: URLSearchParams): Promise<URLSearchParams> {
  const answer = uri.length > 512 ? undefined : await fetch(uri);
  if (answer?.status !== 200 || query.has('state')) throw new Error('invalid_request_uri');
  return new URLSearchParams({ client_id: query.get('client_id') ?? '', request: await answer.text() });
}

/** The claims of the request object alone (RFC 9101 section 6), as strict as FAPI 2 message signing. */
export async function opened({ issuer, client, does }: Asked, request: URLSearchParams): Promise<URLSearchParams> {
  const object = request.get('request');
  if (object === null) {
    if (does.requireSigned) throw new Error('invalid_request_object');
    return request;
  }
  try {
    const { payload } = await jwtVerify(object, createLocalJWKSet({ keys: client.keys ?? [] }), {
      typ: 'oauth-authz-req+jwt',
      issuer: client.id,
      audience: issuer,
      requiredClaims: ['exp', 'nbf', 'jti'],
      ...(does.requestAlgorithms ? { algorithms: does.requestAlgorithms } : {}),
    });
    const { jti = '', exp = 0, nbf = 0, sub, client_id, ...claims } = payload;
    if (usedOnce.has(jti) || exp - nbf > 3600 || sub !== undefined || client_id !== request.get('client_id')) {
      throw new Error('a rule of request objects');
    }
    usedOnce.add(jti);
    const texts = Object.entries({ ...claims, client_id }).map(([name, value]) => [
      name,
      typeof value === 'object' ? JSON.stringify(value) : String(value),
    ]);
    return new URLSearchParams(texts as [string, string][]);
  } catch (error) {
    does.refusals.push(`${error} ${JSON.stringify(decodeJwt(object))}`);
    throw new Error('invalid_request_object');
  }
}
