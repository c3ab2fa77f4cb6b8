import { createHash, randomBytes } from 'node:crypto';

/** What a sign-in gave the client: the code, and then its refresh tokens, stand for it. */
export interface Grant {
  clientId: string;
  redirectUri: string;
  challenge: string | null;
  nonce: string | null;
  scope: string;
  /** the provider's session, `sid` in ID tokens */
  sid: string;
  revoked: boolean;
  /** the thumbprint of the key that its tokens are bound to */
  jkt: string | null;
}

interface Entry {
  grant: Grant;
  used: boolean;
}

/** Codes, refresh tokens and access tokens that were given out. */
export class Grants {
  readonly #codes = new Map<string, Entry>();
  readonly #refreshTokens = new Map<string, Entry>();
  readonly #accessTokens = new Map<string, Grant>();

  /** Remembers a sign-in and returns its code. */
  open(query: URLSearchParams): string {
    const grant = {
      clientId: query.get('client_id') ?? '',
      redirectUri: query.get('redirect_uri') ?? '',
      challenge: query.get('code_challenge'),
      nonce: query.get('nonce'),
      scope: query.get('scope') ?? '',
      sid: randomBytes(12).toString('hex'),
      revoked: false,
      jkt: query.get('dpop_jkt'),
    };
    const code = randomBytes(16).toString('hex');
    this.#codes.set(code, { grant, used: false });
    return code;
  }

  /** The grant of a code, which is used up by it (RFC 6749 4.1.3, RFC 7636 4.6). */
  exchange(form: URLSearchParams, revokeOnReuse: boolean): Grant | undefined {
    const entry = this.#codes.get(form.get('code') ?? '');
    if (!entry || isReused(entry, revokeOnReuse)) return undefined;
    entry.used = true;
    const { redirectUri, challenge } = entry.grant;
    const verifier = form.get('code_verifier');
    const answer = verifier === null ? null : createHash('sha256').update(verifier).digest('base64url');
    return answer === challenge && form.get('redirect_uri') === redirectUri ? entry.grant : undefined;
  }

  /** The grant of a refresh token, which with rotation is used up by it (RFC 6749 section 6). */
  refresh(form: URLSearchParams, rotate: boolean, revokeOnReuse: boolean): Grant | undefined {
    const entry = this.#refreshTokens.get(form.get('refresh_token') ?? '');
    if (!entry || isReused(entry, revokeOnReuse)) return undefined;
    if (rotate) entry.used = true;
    return entry.grant;
  }

  addRefreshToken(grant: Grant): string {
    const token = randomBytes(24).toString('hex');
    this.#refreshTokens.set(token, { grant, used: false });
    return token;
  }

  /** A grant of no sign-in, for a token of its own. */
  ofNobody(): Grant {
    return {
      clientId: 'program',
      redirectUri: '',
      challenge: null,
      nonce: null,
      scope: '',
      sid: '',
      revoked: false,
      jkt: null,
    };
  }

  addAccessToken(grant: Grant, token = `access-${randomBytes(24).toString('hex')}`): string {
    this.#accessTokens.set(token, grant);
    return token;
  }

  isAccessToken(token: string): boolean {
    return this.#accessTokens.get(token)?.revoked === false;
  }

  /** The thumbprint of the key that an access token is bound to. */
  keyOf(token: string): string | undefined {
    return this.#accessTokens.get(token)?.jkt ?? undefined;
  }

  /** RFC 7009: a refresh token takes everything with it, an access token only itself. */
  revoke(token: string): void {
    const entry = this.#refreshTokens.get(token);
    if (entry) entry.grant.revoked = true;
    this.#accessTokens.delete(token);
  }

  /** Every code and token there was. */
  secrets(): string[] {
    return [this.#codes, this.#refreshTokens, this.#accessTokens].flatMap((map) => [...map.keys()]);
  }
}

function isReused({ grant, used }: Entry, revokeOnReuse: boolean): boolean {
  if (used && revokeOnReuse) grant.revoked = true;
  return used || grant.revoked;
}
