export type NoAnswerKind = 'refused' | 'dropped' | 'timeout' | 'malformed';

/** A request that got no whole answer: `kind` says why. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';

  constructor(
    readonly kind: NoAnswerKind,
    readonly url: string,
    cause: unknown,
  ) {
    super(`${kind}: ${url}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

const kinds: [RegExp, NoAnswerKind][] = [
  [/^(ECONNREFUSED|UND_ERR_CONNECT_TIMEOUT)$/, 'refused'],
  [/^(TimeoutError|UND_ERR_(HEADERS|BODY)_TIMEOUT)$/, 'timeout'],
  [/^(ECONNRESET|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_INVALID_EOF_STATE)$/, 'dropped'],
  [/^(HPE_|HTTPParserError|UND_ERR_HEADERS_OVERFLOW)/, 'malformed'],
];

/** The error of undici as a NoAnswer, or as it is where the caller is to blame. */
export function noAnswer(url: string, error: unknown): unknown {
  const { code, name } = error as { code?: unknown; name?: unknown };
  const kind = kinds.find(([pattern]) => pattern.test(String(code)) || pattern.test(String(name)))?.[1];
  return kind ? new NoAnswer(kind, url, error) : error;
}
