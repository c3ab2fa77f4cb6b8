import { documentation } from '../../src/config/documentation';
import { type SettingName, settings } from '../../src/config/settings';

/** The settings, a Markdown table for each group, in the order of src/config/documentation.ts. */
export function configurationTables(): string {
  const groups = new Map<string, SettingName[]>();
  for (const name of Object.keys(documentation) as SettingName[]) {
    const { group } = documentation[name];
    groups.set(group, [...(groups.get(group) ?? []), name]);
  }
  return [...groups].map(([group, names]) => `### ${group}\n\n${table(names)}`).join('\n\n');
}

function table(names: SettingName[]): string {
  const rows = names.map((name) => {
    const { text, example } = documentation[name];
    const shown = settings[name].default === '' ? '' : `\`${settings[name].default}\``;
    return `| \`$oidc_${name}\` | ${shown} | ${text}${example ? ` Example: \`${example}\`` : ''} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The names of the settings, one line, for places that only list them. */
export function settingNames(): string[] {
  return Object.keys(settings).map((name) => `$oidc_${name}`);
}
