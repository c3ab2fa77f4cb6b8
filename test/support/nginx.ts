export { freePort, freePorts } from './free-port';
export { engineDirective, type NginxOptions } from './nginx-configuration';
export { type NginxProcess, startNginx } from './nginx-process';
export { attachNginxLogs, expectCleanLog, onEachTarget, useNginx } from './nginx-suite';
