import { describe, expect, it } from 'vitest';
import { createLogCheck, lastLines } from '../../support/nginx-log';

const line = (level: string, text: string) => `2026/01/02 03:04:05 [${level}] 7#7: *1 ${text}\n`;

describe('the check of an error log', () => {
  it.each(['error', 'alert', 'crit', 'emerg'])('reports a line at [%s]', (level) => {
    const log = line('info', 'says [error] in its text') + line(level, 'bad') + line('warn', 'fine');
    expect(createLogCheck().unexpected(log)).toEqual([line(level, 'bad').trimEnd()]);
  });

  it('leaves out what was expected, before or after, until it is accepted', () => {
    const check = createLogCheck();
    const first = line('error', 'one') + line('error', 'two');
    check.expect(/one/g);
    expect(check.unexpected(first)).toEqual([line('error', 'two').trimEnd()]);
    check.accept(first);
    expect(check.unexpected(first)).toEqual([]);
    expect(check.unexpected(first + line('error', 'one'))).toHaveLength(1);
  });

  it('shows the last lines', () => {
    expect(lastLines('a\nb\nc\n', 2)).toBe('b\nc');
  });
});
