import { afterAll, afterEach, beforeEach, describe, expect, inject, onTestFailed } from 'vitest';
import { describeNginx, type Nginx } from '../../scripts/nginx/target';
import { lastLines } from './nginx-log';
import { type NginxProcess, startedProcesses } from './nginx-process';

/** Runs a block of tests on every target that the global setup found. */
export function onEachTarget(name: string, body: (nginx: Nginx) => void): void {
  describe.each(inject('nginxTargets').map((nginx) => [`[${describeNginx(nginx)}] ${name}`, nginx] as const))(
    '%s',
    (_title, nginx) => body(nginx),
  );
}

/**
 * For a describe block: a failed test shows NGINX's error logs, a severe log line that no test expected fails it,
 * and what still runs at the end of the block is stopped.
 */
export function useNginx(): void {
  beforeEach(() => {
    for (const process of startedProcesses) if (!process.running) startedProcesses.delete(process);
    attachNginxLogs();
  });
  afterEach(() => {
    for (const process of startedProcesses) expectCleanLog(process);
  });
  afterAll(async () => {
    await Promise.all([...startedProcesses].map((process) => process.stop()));
    startedProcesses.clear();
  });
}

/** Prints the end of every NGINX error log when the current test fails; call it in a test or in beforeEach. */
export function attachNginxLogs(): void {
  onTestFailed(() => {
    for (const process of startedProcesses) {
      const title = `error log of NGINX ${process.pid} [${describeNginx(process.nginx)}], last 60 lines`;
      console.error(`--- ${title} ---\n${lastLines(process.errorLog(), 60)}\n--- end of log ---`);
    }
  });
}

/** Fails on severe lines that nobody expected since the last call. */
export function expectCleanLog(process: NginxProcess): void {
  const lines = process.unexpectedErrors();
  process.acceptLog();
  expect(lines, `unexpected lines in the error log of NGINX [${describeNginx(process.nginx)}]`).toEqual([]);
}
