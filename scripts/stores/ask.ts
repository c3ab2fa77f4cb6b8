import { connect } from 'node:net';

/**
 * One command to a Redis or Valkey of this machine, on a connection of its own: text, null or a list of them. Rejects
 * with the store's error, and when there is no answer within 5 s.
 */
export function ask(port: number, parts: string[], password = ''): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let data = '';
    socket.setTimeout(5000, () => socket.destroy(new Error('the store does not answer')));
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('the store ended the connection')));
    socket.on('data', (chunk) => {
      data += chunk.toString('latin1');
      const greeting = password === '' ? { value: '', end: 0 } : readReply(data, 0);
      const read = greeting?.value instanceof Error ? greeting : greeting && readReply(data, greeting.end);
      if (!read) return;
      socket.destroy();
      if (read.value instanceof Error) reject(read.value);
      else resolve(read.value);
    });
    socket.write((password === '' ? '' : commandText(['AUTH', password])) + commandText(parts));
  });
}

function commandText(parts: string[]): string {
  return `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
}

/** RESP2, as far as it has come. */
function readReply(data: string, from: number): { value: unknown; end: number } | undefined {
  const lineEnd = data.indexOf('\r\n', from);
  if (lineEnd < 0) return undefined;
  const [kind, line, next] = [data[from], data.slice(from + 1, lineEnd), lineEnd + 2];
  if (kind === '-') return { value: new Error(line), end: next };
  if (kind === ':' || kind === '+') return { value: line, end: next };
  const length = Number(line);
  if (length < 0) return { value: null, end: next };
  if (kind === '$') {
    const end = next + length + 2;
    return data.length >= end ? { value: data.slice(next, end - 2), end } : undefined;
  }
  const values: unknown[] = [];
  let end = next;
  for (let count = 0; count < length; count++) {
    const one = readReply(data, end);
    if (!one) return undefined;
    values.push(one.value);
    end = one.end;
  }
  return { value: values, end };
}
