import fs from 'fs';

/** The whole text of a file. Throws the system's error, whose message names the path or the cause. */
export function readText(path: string): string {
  return fs.readFileSync(path, 'utf8') as string;
}

/** The bytes of a file, undefined where there are more than `most`. Throws likewise. */
export function readBytes(path: string, most: number): Buffer | undefined {
  return fs.statSync(path).size > most ? undefined : (fs.readFileSync(path) as Buffer);
}

export function isFolder(path: string): boolean {
  try {
    return fs.statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Who the worker processes run as, for messages about files: "user www-data". Without /proc, where to look it up. */
export function workerUser(): string {
  try {
    const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(readText('/proc/self/status'))?.[1];
    const users = readText('/etc/passwd').split('\n');
    const line = users.find((entry) => entry.split(':')[2] === uid);
    return line ? `user ${line.split(':')[0]}` : `the user with number ${uid}`;
  } catch {
    return 'the user in the "user" line of nginx.conf';
  }
}
