/** An app client, with what its Login pages tab allows. */
export interface CognitoClient {
  id: string;
  /** '' for a public client */
  secret: string;
  callbacks: string[];
  signOuts: string[];
  scopes: string[];
}

export interface Person {
  username: string;
  password: string;
  sub: string;
  email: string;
  department: string;
  groups: string[];
}

/** What a code, and then a refresh token, stands for. */
export interface Grant {
  redirectUri: string;
  scope: string;
  nonce: string;
  codeChallenge: string;
  authTime: number;
  originJti: string;
}

/** Settings of a client that tests change. */
export interface CognitoBehaviour {
  /** refresh token rotation, and how long the old one is good after it (s) */
  rotate: boolean;
  graceSeconds: number;
  /** of ID and access tokens (s) */
  lifetime: number;
  nonceAtRefresh: boolean;
  /** the ID token may be missing at a renewal (OpenID Connect Core 12.2) */
  idTokenAtRefresh: boolean;
  /** the answer to every renewal; a text as body is no JSON */
  refreshAnswer: { status: number; body: unknown } | undefined;
  /** more claims of the ID token, as a Lambda trigger can add */
  claims: Record<string, unknown>;
  /** answers at the callback with this error, as a Lambda trigger can */
  refuse: { error: string; description: string } | undefined;
  /** how long a token request takes (ms) */
  tokenDelay: number;
  /** how far its clock is ahead (s), in the Date header of the issuer's documents */
  clockAhead: number;
}

export interface Recorded {
  path: string;
  method: string;
  query: URLSearchParams;
  form: URLSearchParams;
  authorization: string;
}

export interface State {
  issuer: string;
  domain: string;
  client: CognitoClient;
  person: Person;
  does: CognitoBehaviour;
  codes: Map<string, Grant>;
  refreshTokens: Map<string, { grant: Grant; retiredAt?: number }>;
  requests: Recorded[];
}

export const properBehaviour: CognitoBehaviour = {
  rotate: false,
  graceSeconds: 0,
  lifetime: 3600,
  nonceAtRefresh: true,
  idTokenAtRefresh: true,
  refreshAnswer: undefined,
  claims: {},
  refuse: undefined,
  tokenDelay: 0,
  clockAhead: 0,
};
