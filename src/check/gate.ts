import { printable } from '../protocol/text';
import { type Finding, finding } from './finding';

/** Asks the gate as a protected location would: without its server nobody gets in, whatever else is right. */
export async function checkGate(r: NginxHTTPRequest): Promise<Finding[]> {
  const { status } = await r.subrequest('/_oidc_auth', { method: 'GET' });
  const error = r.variables.oidc_gate_error;
  if ((status === 401 || status === 204) && !error) {
    return [finding('ok', 'gate', 'answers')];
  }
  const remedy =
    'take the last lines of the shipped frontend.conf, from "upstream oidc_gate" on, with one port in both';
  return [finding('problem', 'gate', printable(error || `/_oidc_auth answered ${status}`, 300), remedy)];
}
