import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { Pastime } from '../history/person';
import type { Dice } from '../history/random';

/** How the WebSockets of all browsers fared. */
export interface SocketCounts {
  opened: number;
  /** not let in: signed out, or the site cannot tell */
  refused: number;
  messages: number;
  /** a message that came back late, changed or not at all */
  wrong: number;
}

/** A browser opens a WebSocket, says something now and then, hears it come back, and closes it. */
export function socketPastime(host: string, dice: Dice, counts: SocketCounts): Pastime {
  return [
    6,
    async (browser, node) => {
      const cookie = (await browser.cookies(node)).map((one) => one.cookieString()).join('; ');
      const socket = new WebSocket(`${node.replace('http:', 'ws:')}/live`, { headers: { cookie, host } });
      const opened = await new Promise<boolean>((resolve) => {
        socket.once('open', () => resolve(true));
        socket.once('unexpected-response', () => resolve(false));
        socket.once('error', () => resolve(false));
      });
      if (!opened) {
        counts.refused++;
        return;
      }
      counts.opened++;
      for (let said = dice.between(1, 6); said > 0; said--) {
        await sleep(dice.between(50, 1200));
        const text = `message ${counts.messages++} ${'x'.repeat(dice.below(2000))}`;
        const heard = once(socket, 'message', { signal: AbortSignal.timeout(5000) }).catch(() => ['']);
        socket.send(text);
        if (String((await heard)[0]) !== text) counts.wrong++;
      }
      socket.close();
      await once(socket, 'close', { signal: AbortSignal.timeout(5000) }).catch(() => socket.terminate());
    },
  ];
}
