import { allSettings, settingGroups } from '../scripts/docs/configuration-table';
import { documentation } from '../src/config/documentation';
import type { Entry } from './navigation';

/** A page for a group of settings, as Markdown whose links start in docs/. */
export interface SettingsPage extends Entry {
  title: string;
  text: string;
}

export function settingsPages(): SettingsPage[] {
  return settingGroups().map(([group, names]) => {
    const each = names.map((name) => {
      const { text, example } = documentation[name];
      const fallback = allSettings[name].default;
      const shown = fallback === '' ? 'Not set by default.' : `Default: \`${fallback}\``;
      const line = example === undefined ? '' : `\n\n\`\`\`nginx\nset $oidc_${name} "${example}";\n\`\`\``;
      return `## $oidc_${name}\n\n${text}\n\n${shown}${line}`;
    });
    return {
      file: `settings/${slugOf(group)}.md`,
      title: group,
      // Links within the page that has the tables lead there.
      text: `# Settings: ${group}\n\n${each.join('\n\n')}\n`.replaceAll('](#', '](configuration.md#'),
    };
  });
}

/** What stands in the configuration page in place of all tables: where each group has a page of its own. */
export function settingsIndex(): string {
  return settingsPages()
    .map(({ title, file }) => {
      const group = settingGroups().find(([name]) => name === title)?.[1] ?? [];
      return `### ${title}\n\n[${title}](/${file}): ${group.map((name) => `\`$oidc_${name}\``).join(', ')}`;
    })
    .join('\n\n');
}

function slugOf(group: string): string {
  return group.toLowerCase().replaceAll(' ', '-');
}
