import { existsSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import type { Site } from './site';

/** A line, as docs/audit-log.schema.json has it. */
export interface AuditLine {
  time: string;
  event: string;
  code: string;
  kind?: string;
  client: string;
  issuer?: string;
  subject?: string;
  session?: string;
  ended?: number;
  sessions?: string[];
  request: string;
}

const schema = JSON.parse(readFileSync(new URL('../../docs/audit-log.schema.json', import.meta.url), 'utf8'));
const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
const validate = ajv.compile<AuditLine>(schema);

/** The log as text. */
export function auditText(site: Site): string {
  const file = `${site.nginx.dir}/oidc_audit.log`;
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

/** Its lines. Throws an Error for one that is no JSON, or not as the schema has it. */
export function auditLines(text: string): AuditLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (!validate(value)) throw new Error(`${line}\n${ajv.errorsText(validate.errors)}`);
      return value;
    });
}
