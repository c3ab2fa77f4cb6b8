import type { Config } from '../config/settings';
import type { ProviderMetadata } from '../protocol/discovery';
import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

/** Whether the provider knows what `$oidc_acr_values` asks for, where it tells and where that stands in server {}. */
export function checkStepUp({ acr_values }: Config, { acr_values_supported }: Partial<ProviderMetadata>): Finding[] {
  const unknown = acr_values.filter((one) => acr_values_supported && acr_values_supported.indexOf(one) < 0);
  return unknown.length === 0
    ? []
    : [
        finding(
          'warning',
          'step-up',
          `the provider does not list: ${printable(unknown.join(' '), 200)}`,
          `change $oidc_acr_values; it lists ${printable((acr_values_supported || []).join(' '), 200)}`,
        ),
      ];
}
