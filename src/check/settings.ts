import { readConfig, readSetting } from '../config/config';
import { type Config, type Setting, type SettingName, settings } from '../config/settings';
import { isOidcError } from '../protocol/errors';
import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

type Variable = (name: string) => string | undefined;

/** Every `$oidc_*` setting as the module reads it, secrets masked, and the configuration if it can be used at all. */
export function checkSettings(variable: Variable): { findings: Finding[]; config?: Config } {
  const findings = (Object.keys(settings) as SettingName[]).map((name) => checkSetting(name, variable));
  try {
    return { findings, config: readConfig(variable) };
  } catch (error) {
    const detail = detailOf(error);
    const isThere = findings.some(({ state, remedy }) => state === 'problem' && remedy === detail);
    return { findings: isThere ? findings : findings.concat(finding('problem', 'configuration', detail)) };
  }
}

function checkSetting(name: SettingName, variable: Variable): Finding {
  const about = `$oidc_${name}`;
  const set = variable(`oidc_${name}`) || '';
  const setting = settings[name] as Setting<unknown>;
  const value = set === '' ? fallback(setting) : shown(setting, set);
  try {
    if (readSetting(name, variable) === true && name === 'debug') {
      return finding('warning', about, value, 'error pages show causes to everybody: turn it off again');
    }
    return finding(set === '' ? 'info' : 'ok', about, value);
  } catch (error) {
    return finding('problem', about, value, detailOf(error));
  }
}

function shown({ secret }: Setting<unknown>, value: string): string {
  return secret ? `(set, ${value.length} characters)` : printable(value, 300);
}

function fallback(setting: Setting<unknown>): string {
  return setting.default === '' ? '(not set)' : `${setting.default} (default)`;
}

function detailOf(error: unknown): string {
  return isOidcError(error) ? error.detail : String(error);
}
