import { registrationText } from '../../src/browser/registration-text';
import { parseJwks } from '../../src/protocol/jwks';
import { decodeJws, verifyJws } from '../../src/protocol/jws';
import { encodeForm, parseParameters } from '../../src/protocol/parameters';
import { parsePushedResponse } from '../../src/protocol/pushed-request';
import { parseRegistration } from '../../src/protocol/registration-response';
import { requestObjectClaims } from '../../src/protocol/request-object';
import { responseName, validateResponseJwt } from '../../src/protocol/response-jwt';
import { openRequest, sealRequest } from '../../src/session/hosted-request';
import { openPosted, sealPosted } from '../../src/session/posted-response';
import { signerOf } from '../support/signed-token';
import { document } from './documents';
import { fuzz, invariant } from './fuzz';
import { corpus, text } from './texts';

const now = 1_800_000_000;
const expected = { issuer: 'https://idp.test', clientId: 'client', now, clockSkew: 30 };
const signer = await signerOf('ES256');
const keys = parseJwks(JSON.stringify({ keys: [signer.jwk] }));
const proper = JSON.stringify({
  iss: 'https://idp.test',
  aud: 'client',
  exp: now + 60,
  state: 'S',
  code: 'C',
  nbf: now,
});
const failed = JSON.stringify({
  iss: 'https://idp.test',
  aud: ['client'],
  exp: now + 60,
  state: 'S',
  error: 'access_denied',
  error_description: 'no',
});

fuzz(
  'signed responses (JARM)',
  (random) => document(random, [proper, failed]),
  async (claims) => {
    const jws = decodeJws(await signer.sign(claims), responseName);
    const response = validateResponseJwt(await verifyJws(jws, keys, { algorithms: ['ES256'] }), expected);
    const { iss, exp } = jws.payload;
    invariant('it is of this issuer', iss === expected.issuer && response.iss === iss);
    invariant('it has not expired', Number(exp) > now - 30);
    invariant('it has either a code or an error', 'code' in response !== 'error' in response);
    const texts = Object.values(response);
    invariant(
      'all of it is text',
      texts.every((value) => typeof value === 'string'),
    );
  },
);

const answers = [
  JSON.stringify({ request_uri: 'urn:ietf:params:oauth:request_uri:abc', expires_in: 60 }),
  JSON.stringify({ error: 'invalid_request', error_description: 'no' }),
];
fuzz(
  'answers to pushed requests',
  (random) => ({ status: random.pick([201, 201, 201, 200, 400, 401, 302]), json: document(random, answers) }),
  ({ status, json }) => {
    const uri = parsePushedResponse(status, json);
    invariant('it is a text without a line break', /^[\x21-\x7e]+$/.test(uri) && status < 300);
    invariant(
      'it comes back from an address',
      parseParameters(encodeForm([['request_uri', uri]]))?.request_uri === uri,
    );
  },
);

const queries = corpus('queries');
fuzz(
  'request objects',
  (random) => text(random, queries),
  (query) => {
    const pairs = Object.entries(parseParameters(query) ?? {}) as [string, string][];
    const claims = requestObjectClaims(pairs.concat([['client_id', 'client']]), 'https://idp.test', 'J', now);
    invariant('this client signs it', claims.iss === 'client' && claims.aud === 'https://idp.test');
    invariant('it does not last', claims.exp === now + 300 && claims.jti === 'J');
    JSON.parse(JSON.stringify(claims));
  },
);

const key = 'a-key-for-tests-only-0123456789abcdef';
fuzz(
  'posted responses',
  (random) => text(random, queries),
  async (form) => {
    const sealed = await sealPosted(form, 'realm', key);
    invariant('what no address carries is not sealed', (sealed === undefined) === form.length > 5500);
    const whole = Buffer.from(form).toString(); // half a character is none; no text opens as none
    if (sealed && form !== '') invariant('it comes back', (await openPosted(sealed, 'realm', key)) === whole);
    invariant('nothing else opens', (await openPosted(form, 'realm', key)) === undefined);
  },
);

fuzz(
  'requests to fetch',
  (random) => text(random, queries),
  async (query) => {
    const pairs = Object.entries(parseParameters(query) ?? {}) as [string, string][];
    const sealed = await sealRequest({ pairs, began: now }, 'realm', key);
    const whole = pairs.map((pair) => pair.map((part) => Buffer.from(part).toString()));
    const found = await openRequest(sealed, 'realm', key, now);
    invariant('it comes back', JSON.stringify(found) === JSON.stringify({ pairs: whole, began: now }));
    invariant('nothing else opens', (await openRequest(query, 'realm', key, now)) === undefined);
    invariant('a cut one does not', (await openRequest(sealed.slice(0, -1), 'realm', key, now)) === undefined);
  },
);

const registered = [
  JSON.stringify({
    client_id: 'abc',
    client_secret: 'secret',
    client_secret_expires_at: 1900000000,
    token_endpoint_auth_method: 'client_secret_post',
    redirect_uris: ['https://app.test/_codexch'],
    registration_access_token: 'token',
    registration_client_uri: 'https://idp.test/reg/abc',
  }),
  JSON.stringify({ error: 'invalid_client_metadata', error_description: 'no' }),
];
const sent = { redirect_uris: ['https://app.test/_codexch'], token_endpoint_auth_method: 'client_secret_post' };
fuzz(
  'answers to registrations',
  (random) => ({ status: random.pick([201, 201, 201, 200, 400, 401, 302, 204]), json: document(random, registered) }),
  ({ status, json }) => {
    const asked = { metadata: sent, endpoint: 'https://idp.test/reg', isKnown: false };
    const registration = parseRegistration(status, json, asked);
    const { clientId, clientSecret, authMethod, management } = registration;
    invariant('it was registered', status === 201 || status === 200);
    invariant(
      'there is a client',
      clientId !== '' && (clientSecret !== '' || !authMethod.startsWith('client_secret_')),
    );
    invariant(
      'its token goes to the provider alone',
      !management || /^https:\/\/idp\.test(?::443)?\//i.test(management.uri),
    );
    const report = { registration, issuer: 'https://idp.test', provider: '', redirectUri: '', address: 'x' };
    const lines = registrationText(report).split('\n');
    const settings = lines.filter((line) => line !== '' && !line.startsWith('#'));
    invariant('three lines are not comments', settings.length === 3);
    invariant(
      'each sets one value, quoted',
      settings.every((line) => /^set \$oidc_\w+ "(?:[^"\\$]|\\["\\]|\$\{oidc_dollar\})*";$/.test(line)),
    );
    const command = lines.filter((line) => line.startsWith('#   curl '));
    invariant(
      'the command has its four quotation marks',
      command.every((line) => line.split("'").length === 5),
    );
  },
);
