import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { lastHeard } from '../session/change-feed';
import type { StoreStatus } from '../store/shared-store';
import { type SessionRoom, sessionRoom } from '../visit/session-room';
import { type Finding, finding } from './finding';

/** The store that several machines share; nothing where this site uses none. */
export async function checkStore(r: NginxHTTPRequest): Promise<Finding[]> {
  let room: SessionRoom;
  try {
    room = sessionRoom(r);
  } catch {
    return []; // settings and zones are looked at elsewhere
  }
  if (!room.shared) {
    return [];
  }
  const heard = lastHeard(room.zone, Date.now() / 1000);
  const changes = finding(
    'info',
    'store changes',
    heard === undefined ? 'not listened to yet' : `listened to ${heard} s ago`,
    'by the requests of people who are signed in: nobody is there, nobody listens',
  );
  try {
    return look(await room.shared.status()).concat(changes);
  } catch (error) {
    const detail = isOidcError(error) ? `${error.code}: ${error.detail}` : printable(String(error), 300);
    return [
      finding('problem', 'store', detail, 'see openid_connect.store_conf and openid_connect.store_location'),
      changes,
    ];
  }
}

function look(status: StoreStatus): Finding[] {
  const { server, version, role, memoryPolicy, usedMemory, maxMemory, keys, roundTripMs } = status;
  const said = `${server} ${printable(version, 40)}, ${printable(role, 40)}, answers in ${roundTripMs} ms, ${keys} keys`;
  const used = `${megabytes(usedMemory)} in use of ${maxMemory === 0 ? 'any number' : megabytes(maxMemory)}`;
  const memory = `${printable(memoryPolicy, 40)}, ${used}`;
  return [
    role === 'master'
      ? finding('ok', 'store', said)
      : finding('warning', 'store', said, 'it takes no writes: nobody can sign in until a primary answers'),
    memoryPolicy === 'noeviction'
      ? finding('ok', 'store memory', memory)
      : finding('warning', 'store memory', memory, 'it may drop sessions: set its maxmemory-policy to noeviction'),
  ];
}

const megabytes = (bytes: number) => `${Math.round(bytes / 1048576)} MB`;
