import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

/** An answer as it is: what a hook returns when status, headers or bytes are to differ. */
export class Reply {
  constructor(
    readonly status: number,
    readonly body: string | Buffer = '',
    readonly headers: Record<string, string | string[]> = {},
  ) {}
}

/**
 * How an endpoint answers instead of properly. Where nothing here makes up the answer itself (status, body, html,
 * empty), the proper answer is sent in this way.
 */
export interface Canned {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** an HTML page, as a proxy in front of a provider shows it */
  html?: boolean;
  /** no body at all */
  empty?: boolean;
  /** fills the body up with blanks, so that JSON stays JSON */
  sizeBytes?: number;
  gzip?: boolean;
  /** without Content-Length */
  chunked?: boolean;
  /** milliseconds before the answer begins; Infinity: it never does */
  delayMs?: number;
  /** sends the body in pieces of so many bytes, every `everyMs` */
  drip?: { bytes: number; everyMs: number };
  /** closes the connection after so many bytes of the body, whose full length it announced unless `chunked` */
  cutOffAfter?: number;
  /** closes the connection without an answer */
  reset?: boolean;
  /** the same by a TCP reset */
  resetConnection?: boolean;
  /** these bytes instead of an HTTP response, then the connection closes */
  raw?: string | Buffer;
  /** answers so many times, then properly again */
  times?: number;
}

const page = '<!doctype html><html><head><title>Maintenance</title></head><body><h1>Be right back</h1></body></html>';

/** The answer that `canned` makes up by itself; undefined when it wants the proper one. */
export function replyOf(canned: Canned): Reply | undefined {
  const { status, body, html, empty, reset, resetConnection, raw } = canned;
  if (html) return new Reply(status ?? 200, body ?? page, { 'content-type': 'text/html; charset=utf-8' });
  const isOwn = [status, body, empty, reset, resetConnection, raw].some((value) => value !== undefined);
  return isOwn ? new Reply(status ?? 200, empty ? '' : (body ?? '')) : undefined;
}

/** Resolves after so many milliseconds, never for Infinity; rejects when the signal aborts. */
export function wait(ms: number, signal: AbortSignal): Promise<void> {
  if (Number.isFinite(ms)) return sleep(ms, undefined, { signal });
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/** Sends an answer in the way that `canned` asks for; resolves when all that will be sent is written. */
export async function send(response: ServerResponse, reply: Reply, canned: Canned, signal: AbortSignal): Promise<void> {
  if (canned.delayMs) await wait(canned.delayMs, signal);
  const { socket } = response;
  if (response.destroyed || socket === null) return;
  if (canned.resetConnection) return void socket.resetAndDestroy();
  if (canned.reset) return void socket.destroy();
  if (canned.raw !== undefined) return void socket.end(canned.raw);
  const bytes = encoded(reply.body, canned);
  response.writeHead(canned.status ?? reply.status, {
    'content-type': 'application/json',
    ...(canned.gzip ? { 'content-encoding': 'gzip' } : {}),
    ...(canned.chunked || canned.drip ? {} : { 'content-length': bytes.length }),
    ...reply.headers,
    ...canned.headers,
  });
  if (canned.cutOffAfter !== undefined) {
    response.flushHeaders();
    response.write(bytes.subarray(0, canned.cutOffAfter));
    await wait(20, signal);
    socket.destroySoon();
  } else if (canned.drip) {
    await drip(response, bytes, canned.drip, signal);
  } else if (canned.chunked) {
    response.write(bytes.subarray(0, bytes.length >> 1));
    response.end(bytes.subarray(bytes.length >> 1));
  } else {
    response.end(bytes);
  }
}

function encoded(body: string | Buffer, { gzip, sizeBytes = 0 }: Canned): Buffer {
  const bytes = Buffer.from(body);
  const filled = Buffer.concat([bytes, Buffer.alloc(Math.max(0, sizeBytes - bytes.length), ' ')]);
  return gzip ? gzipSync(filled) : filled;
}

async function drip(
  response: ServerResponse,
  bytes: Buffer,
  pace: { bytes: number; everyMs: number },
  signal: AbortSignal,
): Promise<void> {
  response.flushHeaders();
  for (let sent = 0; sent < bytes.length && !response.destroyed; sent += pace.bytes) {
    await wait(pace.everyMs, signal);
    response.write(bytes.subarray(sent, sent + pace.bytes));
  }
  response.end();
}
