import { createServer, type Server, type ServerResponse } from 'node:http';
import { WebSocketServer } from 'ws';
import { listen, stopServer } from '../../demo/listen';

/** An application whose answers last: WebSockets that echo, and server-sent events. */
export interface StreamingApplication {
  /** host:port */
  address: string;
  /** how many answers are open */
  open(): number;
  /** an event to everybody who listens */
  send(text: string): void;
  stop(): Promise<void>;
}

/** GET /events is a stream of events, an upgrade on any path a WebSocket; its first message is the header X-Name. */
export async function startStreamingApplication(): Promise<StreamingApplication> {
  const streams = new Set<ServerResponse>();
  const server: Server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: hello\n\n');
    streams.add(response);
    response.on('close', () => streams.delete(response));
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, request) => {
    socket.on('error', () => {});
    socket.on('message', (data) => socket.send(String(data)));
    socket.send(String(request.headers['x-name']));
  });
  const url = await listen(server, 0);
  return {
    address: new URL(url).host,
    open: () => streams.size + sockets.clients.size,
    send(text) {
      for (const stream of streams) stream.write(`data: ${text}\n\n`);
    },
    async stop() {
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
      await stopServer(server);
    },
  };
}
