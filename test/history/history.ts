/** What happened to many browsers at several nodes, written down while it happened. Times in milliseconds since 1970. */
export interface History {
  readonly visits: Visit[];
  readonly signOuts: SignOut[];
  readonly troubles: Trouble[];
  readonly tokenUses: TokenUse[];
  /** What each browser met after all troubles were over. */
  readonly endings: Ending[];
}

/** One request for a page. */
export interface Visit {
  began: number;
  ended: number;
  node: number;
  /** whose browser it is */
  person: string;
  /** the sign-in that its cookie comes from; a number for each */
  session: number;
  outcome: Outcome;
  /** of the answer, for whoever looks into it; 0 without one */
  status: number;
  /** who the application was told that it is */
  seenAs?: string;
}

/** Let in, sent to sign in, told to come again later, no whole answer. */
export type Outcome = 'in' | 'out' | 'unavailable' | 'no answer';

/** A sign-out that was acknowledged: no cookie of these sessions is good any more. */
export interface SignOut {
  sessions: number[];
  acknowledged: number;
  by: 'person' | 'provider';
}

/** A fault, from its beginning until it was mended. */
export interface Trouble {
  what: string;
  from: number;
  to: number;
  /** The nodes that could not reach the store, or were away themselves. */
  nodes: number[];
  /** Whether the store may have forgotten what it said it had. */
  forgets: boolean;
}

/** A refresh token arrived at the provider. */
export interface TokenUse {
  token: string;
  at: number;
}

export interface Ending {
  person: string;
  /** 0: nobody was signed in. */
  session: number;
  outcome: Outcome;
  /** Whether a new sign-in led to a page of that person. */
  signedInAgain: boolean;
}

export function newHistory(): History {
  return { visits: [], signOuts: [], troubles: [], tokenUses: [], endings: [] };
}
