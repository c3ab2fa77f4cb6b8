import { open, type Seal, seal } from './seal';

/** What a dry run found: all of it is text to show, secrets masked. */
export interface DryRunReport {
  /** Seconds since 1970. */
  made: number;
  steps: DryRunStep[];
  /** What ended it, as error.log has it; undefined where it came to its end. */
  failure?: { code: string; detail: string; reference: string };
}

export interface DryRunStep {
  title: string;
  facts: [name: string, value: string][];
}

/** How long a report can be opened (s). */
const lasts = 300;

const sealOf = (hmacKey: string): Seal => ({ purpose: 'dry run', secret: hmacKey });

/** The report for the browser to carry from the callback, which is open to everybody, to the page of the operator. */
export function sealReport(report: DryRunReport, origin: string, hmacKey: string): Promise<string> {
  return seal(sealOf(hmacKey), origin, JSON.stringify(report));
}

/** undefined for what was not sealed here, or too long ago. */
export async function openReport(
  sealed: string,
  origin: string,
  hmacKey: string,
  now: number,
): Promise<DryRunReport | undefined> {
  const text = await open(sealOf(hmacKey), origin, sealed);
  const report = text === undefined ? undefined : (JSON.parse(text) as DryRunReport);
  return report && now - report.made <= lasts ? report : undefined;
}
