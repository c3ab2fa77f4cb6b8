import { countProblems, type Finding } from './finding';

/** The findings for a terminal: one line for each, the remedy below it. */
export function reportText(findings: Finding[]): string {
  const width = Math.max(...findings.map(({ about }) => about.length));
  const lines = findings.map(({ about, state, value, remedy }) => {
    const line = `${pad(state === 'problem' ? 'PROBLEM' : state, 8)} ${pad(about, width)}  ${value}`;
    return remedy === undefined ? line : `${line}\n${pad('', 9)}${pad('', width)}  -> ${remedy}`;
  });
  return `${summary(findings)}\n\n${lines.join('\n')}\n`;
}

/** The same for a program. */
export function reportJson(findings: Finding[]): string {
  const problems = countProblems(findings);
  return `${JSON.stringify({ status: problems === 0 ? 'ok' : 'problem', problems, findings })}\n`;
}

function summary(findings: Finding[]): string {
  const problems = countProblems(findings);
  const count = problems === 0 ? 'no problem' : `${problems} problem${problems === 1 ? '' : 's'}`;
  return `OpenID Connect configuration: ${count} found`;
}

function pad(text: string, width: number): string {
  return text.padEnd(width);
}
