// Everything that the module counts. /_oidc_metrics shows these series and no other, so their number is bounded whatever
// comes from outside. docs/monitoring/README.md has a table of them.

import { type ErrorCode, errorTable } from '../protocol/errors';

interface Metric {
  readonly help: string;
  /** The labels' names, and every value that each can have. */
  readonly labels: readonly (readonly [name: string, values: readonly string[]])[];
}

const errorCodes = Object.keys(errorTable) as ErrorCode[];
const codes = (['ok'] as ('ok' | ErrorCode)[]).concat(errorCodes);
const storeErrors = ['store_failed', 'store_unreachable', 'store_refused', 'store_full'] as const;
const signOuts = ['own', 'everywhere', 'front_channel', 'back_channel', 'administrative'] as const;
const endpoints = [
  'discovery',
  'jwks_uri',
  'userinfo',
  'token',
  'refresh',
  'revoke',
  'introspect',
  'par',
  'registration',
] as const;
const outcomes = ['2xx', '3xx', '4xx', '5xx', 'other', 'timeout', 'unreachable'] as const;

export const counters = {
  oidc_sign_ins_started_total: { help: 'Browsers sent to the provider to sign in.', labels: [] },
  oidc_sign_ins_total: { help: 'Browsers back from the provider: "ok", or why not.', labels: [['code', codes]] },
  oidc_login_loops_total: { help: 'Browsers stopped that signed in again and again.', labels: [] },
  oidc_renewals_total: {
    help: 'Renewals of tokens: "ok", or why not; refresh_rejected ended the session.',
    labels: [['code', codes]],
  },
  oidc_sign_outs_total: { help: 'Sign-outs, by who asked for them.', labels: [['kind', signOuts]] },
  oidc_sessions_ended_total: { help: 'Sessions that sign-outs ended.', labels: [['kind', signOuts]] },
  oidc_bearer_checks_total: {
    help: 'Access tokens that the gate did not know, looked at: "ok", or why refused.',
    labels: [['code', codes]],
  },
  oidc_denials_total: {
    help: 'Requests of known people and programs that a location denied, by what was not met.',
    labels: [['demand', ['rule', 'acr', 'auth_time', 'scope']]],
  },
  oidc_provider_calls_total: {
    help: 'Calls of the provider, by endpoint and class of status.',
    labels: [
      ['endpoint', endpoints],
      ['status', outcomes],
    ],
  },
  oidc_key_refetches_total: {
    help: 'Looks for newer keys of the provider, because a token fits none: what came of it.',
    labels: [['result', ['fetched', 'found', 'throttled', 'failed']]],
  },
  oidc_store_errors_total: {
    help: 'Writes that a zone had no room for, and questions that a shared store did not answer.',
    labels: [['code', storeErrors]],
  },
  oidc_errors_total: { help: 'Errors told in error.log, by code.', labels: [['code', errorCodes]] },
} as const satisfies Record<string, Metric>;

/** One histogram: seconds that calls of the provider took, by endpoint. */
export const histogram = {
  name: 'oidc_provider_call_duration_seconds',
  help: 'How long calls of the provider took.',
  label: 'endpoint',
  values: endpoints,
  /** Upper bounds; what takes longer is in +Inf. */
  buckets: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
} as const;

/** What is looked up when somebody asks. */
export const gauges = {
  oidc_sessions: "Sessions in this machine's zone; with a shared store, those of its copies that are here.",
  oidc_zone_capacity_bytes: 'Size of a zone.',
  oidc_zone_free_bytes: 'Whole pages of a zone that are free.',
  oidc_store_up: 'Whether the shared store answers.',
  oidc_store_keys: 'Keys in the shared store, those of others included.',
  oidc_store_used_bytes: 'Memory that the shared store uses.',
  oidc_store_limit_bytes: 'Memory that it may use; 0 is no limit.',
  oidc_store_round_trip_seconds: 'How long it took to answer.',
} as const;

export type CounterName = keyof typeof counters;
export type Endpoint = (typeof endpoints)[number];
export type CallOutcome = (typeof outcomes)[number];
export type SignOutKind = (typeof signOuts)[number];

type ValuesOf<L extends Metric['labels']> = {
  -readonly [K in keyof L]: L[K] extends readonly [string, readonly (infer V extends string)[]] ? V : never;
};
/** A value for each label of a counter, in the table's order. */
export type LabelValues<N extends CounterName> = ValuesOf<(typeof counters)[N]['labels']>;
