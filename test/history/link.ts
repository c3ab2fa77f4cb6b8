import { connect, createServer, type Socket } from 'node:net';
import { freePort } from '../support/free-port';

/** The wire between a node and the store, which can be cut and laid to another store. */
export interface Link {
  readonly port: number;
  /** Nothing passes, and what is open breaks. */
  cut(): void;
  restore(): void;
  /** From now on it leads to this port of 127.0.0.1; what is open breaks. */
  leadTo(port: number): void;
  stop(): Promise<void>;
}

export async function startLink(target: number): Promise<Link> {
  const port = await freePort();
  const open = new Set<Socket>();
  let leadsTo = target;
  let isCut = false;
  const breakAll = () => {
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    const far = connect(leadsTo, '127.0.0.1');
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    port,
    cut() {
      isCut = true;
      breakAll();
    },
    restore() {
      isCut = false;
    },
    leadTo(next) {
      leadsTo = next;
      breakAll();
    },
    async stop() {
      breakAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
