// A thread that holds the control connection, because the test's own thread waits for answers without an event loop.
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

const { host, port, received, bell } = workerData;
const socket = connect({ host, port, noDelay: true });

parentPort.on('message', (bytes) => socket.write(bytes));
socket.on('data', (chunk) => handOver(Uint8Array.from(chunk)));
socket.on('error', (error) => handOver(error.message));
socket.on('close', () => handOver('the connection is closed'));

function handOver(message) {
  received.postMessage(message);
  Atomics.store(bell, 0, 1);
  Atomics.notify(bell, 0);
}
