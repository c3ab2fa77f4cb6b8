// What NGINX Plus has and stock NGINX has not, for tests on QuickJS: keyval variables over shared dictionaries,
// auth_jwt by auth_request, and the keyval part of the API. stock-translation.ts writes keyvals.js.

// biome-ignore lint/style/useNodejsImportProtocol: njs knows it by this name
import fs from 'fs';
import keyvals from 'keyvals.js';
import oidc from 'openid_connect.js';

function read(r, name) {
  const { key, zone } = keyvals[name];
  const value = r.variables[key];
  return value ? ngx.shared[zone].get(value) : undefined;
}

function write(r, name, value) {
  const { key, zone } = keyvals[name];
  const at = r.variables[key];
  if (at) {
    ngx.shared[zone].set(at, String(value));
  }
  return true;
}

/** The request with keyval variables that read and write the zone under what their key variable says right now. */
function withKeyvals(r) {
  const variables = new Proxy(r.variables, {
    get: (target, name) => (name in keyvals ? read(r, name) : target[name]),
    set(target, name, value) {
      if (name in keyvals) {
        return write(r, name, value);
      }
      target[name] = value;
      return true;
    },
  });
  return new Proxy(r, {
    get(target, name) {
      if (name === 'variables') {
        return variables;
      }
      const value = target[name];
      return typeof value === 'function' ? value.bind(target) : value;
    },
    set(target, name, value) {
      target[name] = value;
      return true;
    },
  });
}

function part(token, index) {
  try {
    return JSON.parse(Buffer.from(String(token).split('.')[index], 'base64url').toString());
  } catch {
    return {};
  }
}

async function keySet(where) {
  return JSON.parse(/^https?:/.test(where) ? await (await ngx.fetch(where)).text() : fs.readFileSync(where)).keys;
}

/** auth_jwt with RS256: 204, or 401 for no token, a signature that is not good, or one that has ended. */
async function authJwt(r) {
  const token = read(r, 'session_jwt') || '';
  const { kid, alg } = part(token, 0);
  const { exp } = part(token, 1);
  if (alg !== 'RS256' || !(exp > Date.now() / 1000)) {
    return r.return(401);
  }
  const jwk = (await keySet(r.variables.oidc_jwt_keyfile)).find((key) => key.kid === kid);
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const key = jwk && (await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']));
  const signature = Buffer.from(token.split('.')[2], 'base64url');
  const signed = Buffer.from(token.split('.').slice(0, 2).join('.'));
  const good = key && (await crypto.subtle.verify(algorithm, key, signature, signed));
  r.return(good ? 204 : 401);
}

/** /api/N/http/keyvals/ZONE: GET shows it, PATCH changes values, DELETE empties it. */
function api(r) {
  const zone = /^\/api\/\d+\/http\/keyvals\/(\w+)$/.exec(r.uri)?.[1];
  const dict = zone && ngx.shared[zone];
  if (!dict) {
    return r.return(404);
  }
  if (r.method === 'DELETE') {
    dict.clear();
    return r.return(204);
  }
  if (r.method === 'PATCH') {
    const changes = JSON.parse(r.requestText);
    for (const key of Object.keys(changes)) {
      dict.set(key, changes[key]);
    }
    return r.return(204);
  }
  const entries = {};
  for (const key of dict.keys()) {
    entries[key] = dict.get(key);
  }
  r.headersOut['Content-Type'] = 'application/json';
  r.return(200, JSON.stringify(entries));
}

const exported = { authJwt, api };
for (const name of Object.keys(oidc)) {
  exported[name] = (r) => oidc[name](withKeyvals(r));
}
for (const name of Object.keys(keyvals)) {
  exported[`keyval_${name}`] = (r) => read(r, name) || '';
}
for (const name of ['sub', 'iss', 'iat', 'nonce', 'sid', 'aud', 'exp']) {
  exported[`claim_${name}`] = (r) => String(part(r.variables.arg_token || read(r, 'session_jwt'), 1)[name] ?? '');
}
export default exported;
