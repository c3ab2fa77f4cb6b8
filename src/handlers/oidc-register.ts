// location = /_oidc_register: registers this site at its provider, for the operator. The location admits 127.0.0.1 only.

import { refuseStrangers } from '../browser/operator';
import { registrationJson, registrationText } from '../browser/registration-text';
import { sendJson } from '../browser/respond';
import { readConfig } from '../config/config';
import { logError } from '../nginx/log';
import { asOidcError, errorTable, oidcError } from '../protocol/errors';
import { type JsonObject, parseJsonObject } from '../protocol/json';
import { clientMetadata } from '../protocol/registration-request';
import { type Asked, checkDeletion, checkManagementUri, parseRegistration } from '../protocol/registration-response';
import { callRegistration, registeringProvider } from '../provider/registration';
import { siteToRegister } from '../steps/site-to-register';
import { baseUrlOf } from '../visit/base-url';
import { useProviderOfAddress } from '../visit/providers';
import { createVisit, redirectUri, type Visit } from '../visit/visit';

/**
 * POST registers (RFC 7591), with the initial access token of the Authorization header where there is one, and shows the
 * lines to set. GET shows, PUT brings up to date and DELETE ends the registration that the header Registration-Client-Uri
 * names, by its token in the Authorization header (RFC 7592). A JSON object in the body adds to the client metadata. A browser
 * is refused, so that no page that somebody on this machine has open can ask.
 */
export async function oidcRegister(r: NginxHTTPRequest): Promise<void> {
  if (refuseStrangers(r, ['POST', 'GET', 'PUT', 'DELETE'])) {
    return;
  }
  try {
    useProviderOfAddress(r);
    const config = readConfig((name) => settingOf(r, name));
    const visit = createVisit(r, config, baseUrlOf(r, config));
    const answer = r.method === 'POST' ? await register(visit) : await manage(visit);
    r.headersOut['Content-Type'] = answer.startsWith('{') ? 'application/json' : 'text/plain; charset=utf-8';
    r.headersOut['Cache-Control'] = 'no-store';
    r.return(r.method === 'POST' ? 201 : 200, answer);
  } catch (error) {
    const known = asOidcError(error);
    logError(r, known);
    sendJson(r, errorTable[known.code].status, { error: known.code, error_description: known.detail });
  }
}

/** A site that is to be registered has no client yet. */
function settingOf(r: NginxHTTPRequest, name: string): string | undefined {
  return name === 'oidc_client' && r.method === 'POST' ? r.variables[name] || 'not-yet' : r.variables[name];
}

async function register(visit: Visit): Promise<string> {
  const more = bodyOf(visit.r);
  const { metadata, support } = await registeringProvider(visit);
  const client = clientMetadata(await siteToRegister(visit, metadata), support, more);
  const asked = { metadata: client, endpoint: support.registrationEndpoint, isKnown: false };
  const request = { method: 'POST', json: JSON.stringify(client) } as const;
  const { status, text } = await callRegistration(visit, asked.endpoint, tokenOf(visit.r), request);
  return report(visit, status, text, asked);
}

async function manage(visit: Visit): Promise<string> {
  const { r, config } = visit;
  const uri = r.variables.http_registration_client_uri || '';
  const token = tokenOf(r);
  const more = bodyOf(r);
  const { metadata, support } = await registeringProvider(visit);
  const endpoint = support.registrationEndpoint;
  checkManagementUri(uri, endpoint);
  if (r.method === 'DELETE') {
    const { status, text } = await callRegistration(visit, uri, token, { method: 'DELETE' });
    checkDeletion(status, text, { metadata: {}, endpoint, isKnown: true });
    return '# The registration has ended: nobody can sign in by it any more.\n';
  }
  if (r.method === 'GET') {
    const { status, text } = await callRegistration(visit, uri, token, {});
    return report(visit, status, text, { metadata: {}, endpoint, isKnown: true });
  }
  const client = clientMetadata(await siteToRegister(visit, metadata), support, { ...more, client_id: config.client });
  const request = { method: 'PUT', json: JSON.stringify(client) } as const;
  const { status, text } = await callRegistration(visit, uri, token, request);
  return report(visit, status, text, { metadata: client, endpoint, isKnown: true });
}

function report(visit: Visit, status: number, text: string, asked: Asked): string {
  const { r, config } = visit;
  const registration = parseRegistration(status, text, asked);
  const all = { registration, issuer: config.issuer, provider: config.provider, redirectUri: redirectUri(visit) };
  const asJson = r.variables.arg_format === 'json' || /^application\/json\b/.test(r.variables.http_accept || '');
  const address = `http://127.0.0.1:${r.variables.server_port}${r.uri}${config.provider && `?provider=${config.provider}`}`;
  return asJson ? registrationJson({ ...all, address }) : registrationText({ ...all, address });
}

/** The token of the Authorization header, '' without one. */
function tokenOf(r: NginxHTTPRequest): string {
  const header = r.variables.http_authorization || '';
  const token = /^Bearer +([\w.~+/-]+=*)$/i.exec(header)?.[1];
  if (header !== '' && token === undefined) {
    throw oidcError('registration_failed', 'the Authorization header must be: Bearer, a space, and a token');
  }
  return token || '';
}

function bodyOf(r: NginxHTTPRequest): JsonObject {
  const text = r.requestText || '';
  const more = text === '' ? {} : parseJsonObject(text);
  if (!more) {
    throw oidcError('registration_failed', 'the body must be a JSON object, or nothing');
  }
  return more;
}
