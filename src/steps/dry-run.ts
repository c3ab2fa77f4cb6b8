import { logError } from '../nginx/log';
import type { AuthorizationResponse } from '../protocol/authorization-response';
import { judge, readDemands } from '../protocol/demands';
import { asOidcError } from '../protocol/errors';
import type { JsonObject } from '../protocol/json';
import { decodeJws } from '../protocol/jws';
import { maskedClaim } from '../protocol/masked-claim';
import { printable } from '../protocol/text';
import { providerMetadata } from '../provider/metadata';
import { revokeTokens } from '../provider/revocation';
import { type DryRunReport, type DryRunStep, sealReport } from '../session/dry-run-report';
import type { Login } from '../session/login';
import { sessionClaims } from '../session/session-claims';
import type { Context } from '../visit/context';
import { type AcceptedSignIn, acceptSignIn, type SignInWatch } from './accept-sign-in';
import { failureOf, sendHandOver } from './dry-run-page';
import { holdsUntil } from './location-demands';

/**
 * Does all that a sign-in does but make a session, and writes down each step. What the browser gets is sealed: the page
 * that opens it admits the operator alone, this callback anybody.
 */
export async function dryRun(context: Context, response: AuthorizationResponse, login: Login): Promise<void> {
  const { r, config, now, baseUrl } = context;
  const report: DryRunReport = { made: now, steps: [beginningStep(context, login)] };
  try {
    const accepted = await acceptSignIn(context, response, login, watching(report.steps, now));
    report.steps.push(sessionStep(accepted, now), demandsStep(accepted, login.dryRun || '', now - config.clock_skew));
    report.steps.push(await revokeStep(context, accepted));
  } catch (error) {
    logError(r, asOidcError(error));
    report.failure = failureOf(r, error);
  }
  sendHandOver(r, await sealReport(report, baseUrl, config.hmac_key));
}

function beginningStep({ config, now }: Context, { redirectUri, verifier, dpopKey, began }: Login): DryRunStep {
  return {
    title: 'The browser was sent to the provider, and came back',
    facts: [
      ['redirect URI', printable(redirectUri, 500)],
      ['scope', printable(config.scopes.join(' '), 300)],
      ['PKCE', verifier ? 'S256' : 'off'],
      ['response mode', config.response_mode || 'query'],
      ['key for DPoP', dpopKey ? 'one of this login alone' : 'none'],
      ['took', `${now - began} s`],
    ],
  };
}

function watching(steps: DryRunStep[], now: number): SignInWatch {
  const note = (title: string, facts: DryRunStep['facts']) => {
    steps.push({ title, facts });
  };
  return {
    response: ({ iss: issuer }) =>
      note('The provider answered', [
        ['state', 'that of a login of this browser'],
        ['iss', issuer === undefined ? 'not sent (RFC 9207)' : printable(issuer, 300)],
        ['code', 'sent'],
      ]),
    tokens: ({ accessToken, idToken, refreshToken, expiresIn }) =>
      note('The token endpoint took the code', [
        ['access token', kindOf(accessToken)],
        ['expires_in', expiresIn === undefined ? 'not told' : `${expiresIn} s`],
        ['ID token', idToken === undefined ? 'none' : kindOf(idToken)],
        [
          'refresh token',
          refreshToken === undefined ? 'none: the session is not renewed' : 'sent: the session is renewed',
        ],
      ]),
    idToken: ({ raw, claims, exp }) => {
      const { alg, kid, typ } = decodeJws(raw).header;
      note('The ID token holds', [
        [
          'signature',
          printable(`${alg}, key "${kid === undefined ? '(none)' : kid}"${typ ? `, typ ${typ}` : ''}`, 200),
        ],
        ['ends', `in ${Math.round(exp - now)} s`],
        ...factsOf(claims),
      ]);
    },
    claims: (all, { claims }) => {
      const more: JsonObject = {};
      for (const name of Object.keys(all).filter((one) => claims[one] === undefined)) {
        more[name] = all[name];
      }
      if (Object.keys(more).length > 0) {
        note('UserInfo adds', factsOf(more));
      }
    },
  };
}

const factsOf = (claims: JsonObject): DryRunStep['facts'] =>
  Object.keys(claims).map((name) => [printable(name, 100), maskedClaim(name, claims[name])]);

/** Of a token only what it is. */
function kindOf(token: string): string {
  return `${/^ey[\w-]+\.[\w-]+\.[\w-]*$/.test(token) ? 'a signed JWT' : /^ey[\w-]+\.[\w-]*\./.test(token) ? 'an encrypted JWT' : 'an opaque text'}, ${token.length} characters`;
}

function sessionStep({ record }: AcceptedSignIn, now: number): DryRunStep {
  const { variables, endsAt, idleTimeout, renewAt } = record;
  return {
    title: 'A session would have begun; none did',
    facts: [
      ['ends', `after ${endsAt - now} s, or ${idleTimeout} s without use`],
      ['tokens', renewAt > 0 ? `renewed from ${Math.max(0, Math.round(renewAt - now))} s on` : 'not renewed'],
      ...Object.keys(variables).map((name): [string, string] => [
        `$${printable(name, 100)}`,
        maskedClaim(name.replace(/^(?:jwt|oidc)_claim_/, ''), variables[name]),
      ]),
    ],
  };
}

/** @param asked `$oidc_demands` of the location that the dry run began at */
function demandsStep({ kept }: AcceptedSignIn, asked: string, now: number): DryRunStep {
  const title = 'What the location demands';
  const [rule = '', acrValues = '', maxAge = ''] = asked.split('\t');
  const facts: DryRunStep['facts'] = [
    ['$oidc_require', rule === '' ? '(nothing)' : printable(rule, 1000)],
    ['$oidc_acr_values', acrValues === '' ? '(nothing)' : printable(acrValues, 300)],
    ['$oidc_max_age', maxAge === '' ? '(nothing)' : printable(maxAge, 20)],
  ];
  try {
    holdsUntil(judge(readDemands(asked), sessionClaims(kept), now));
    return { title, facts: facts.concat([['verdict', 'let in']]) };
  } catch (error) {
    const { code, detail } = asOidcError(error);
    return { title, facts: facts.concat([['verdict', `refused, ${code}: ${printable(detail, 1000)}`]]) };
  }
}

async function revokeStep(context: Context, { kept }: AcceptedSignIn): Promise<DryRunStep> {
  const metadata = await providerMetadata(context);
  await revokeTokens(context, metadata, kept);
  const title = 'The tokens are done with';
  return {
    title,
    facts: [
      [
        'revocation',
        metadata.revocation_endpoint ? 'asked for (RFC 7009)' : 'the provider offers none: they end by themselves',
      ],
    ],
  };
}
