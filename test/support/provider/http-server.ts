import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server on one port that can go away and come back. */
export interface HttpServer {
  readonly port: number;
  up(): Promise<void>;
  /** stops listening, drops every connection and aborts the signal of every request */
  down(): Promise<void>;
}

/** PEM. It asks each client for a certificate, and takes any. */
export interface Tls {
  cert: string;
  key: string;
}

type Handler = (request: IncomingMessage, response: ServerResponse, signal: AbortSignal) => Promise<void>;

/** `handle` must not reject. A port that is still being given back is tried for two seconds. */
export function httpServer(host: string, port: number, handle: Handler, tls?: Tls): HttpServer {
  let server: Server | undefined;
  let going = new AbortController();

  async function listen(): Promise<Server> {
    going = new AbortController();
    const { signal } = going;
    const answer = (request: IncomingMessage, response: ServerResponse) => void handle(request, response, signal);
    const next = tls
      ? createTlsServer({ ...tls, requestCert: true, rejectUnauthorized: false }, answer)
      : createServer(answer);
    next.keepAliveTimeout = 90_000; // longer than NGINX keeps a connection, so that no request meets a closing one
    for (let attempt = 1; ; attempt++) {
      const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
        next.once('error', resolve).listen(port, host, () => {
          next.removeListener('error', resolve);
          resolve(undefined);
        });
      });
      if (error === undefined) return next;
      if (error.code !== 'EADDRINUSE' || attempt === 20) throw error;
      await sleep(100);
    }
  }

  return {
    port,
    async up() {
      server ??= await listen();
    },
    async down() {
      const current = server;
      server = undefined;
      going.abort();
      if (!current) return;
      const closed = new Promise<void>((resolve) => current.close(() => resolve()));
      current.closeAllConnections();
      await closed;
    },
  };
}
