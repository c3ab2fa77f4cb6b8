import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens and returns the origin, `http://host:port`. Rejects with the system's error, for example EADDRINUSE. */
export function listen(server: Server, port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve(`http://${host}:${(server.address() as AddressInfo).port}`);
    });
  });
}

/** Stops at once: connections that are still open are closed. */
export function stopServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
