import { documentation } from '../../src/config/documentation';
import { pageSettings } from '../../src/config/page-settings';
import { settings as others } from '../../src/config/settings';

/** All of them, those of the pages included. */
export const allSettings = { ...others, ...pageSettings };
type SettingName = keyof typeof allSettings;

/** The settings, a Markdown table for each group, in the order of src/config/documentation.ts. */
export function configurationTables(): string {
  return settingGroups()
    .map(([group, names]) => `### ${group}\n\n${table(names)}`)
    .join('\n\n');
}

/** The settings of each group, in the order of src/config/documentation.ts. */
export function settingGroups(): [string, SettingName[]][] {
  const found = new Map<string, SettingName[]>();
  for (const name of Object.keys(documentation) as SettingName[]) {
    const { group } = documentation[name];
    found.set(group, [...(found.get(group) ?? []), name]);
  }
  return [...found];
}

function table(names: SettingName[]): string {
  const rows = names.map((name) => {
    const { text, example } = documentation[name];
    const shown = allSettings[name].default === '' ? '' : `\`${allSettings[name].default}\``;
    return `| \`$oidc_${name}\` | ${shown} | ${text}${example ? ` Example: \`${example}\`` : ''} |`;
  });
  return ['| Variable | Default | Meaning |', '|---|---|---|', ...rows].join('\n');
}

/** Every setting by name and default, a line for each group. */
export function settingsOverview(): string {
  const rows = settingGroups().map(([group, names]) => {
    const shown = names.map((name) => {
      const fallback = allSettings[name].default;
      return `\`$oidc_${name}\`${fallback === '' || fallback.length > 20 ? '' : ` (${fallback})`}`;
    });
    return `| ${group} | ${shown.join(', ')} |`;
  });
  return ['| Group | Settings, and their defaults |', '|---|---|', ...rows].join('\n');
}
