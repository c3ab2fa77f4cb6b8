// Test-only handler, run by NGINX: one operation of the shared dictionary's store for each request.

import { sharedDictStore } from '../../src/store/shared-dict';

interface Call {
  zone: string;
  operation: 'get' | 'set' | 'add' | 'delete' | 'keys';
  args: [string, string, number];
}

function call(r: NginxHTTPRequest & { requestText?: string }): void {
  const { zone, operation, args } = JSON.parse(r.requestText as string) as Call;
  const store = sharedDictStore(zone);
  try {
    const result =
      operation === 'get' || operation === 'delete' || operation === 'keys'
        ? store[operation](args[0])
        : store[operation](args[0], args[1], args[2]);
    r.return(200, JSON.stringify({ result }));
  } catch (error) {
    r.return(507, JSON.stringify({ error: (error as { code?: string }).code }));
  }
}

export default { call };
