import { type CounterZone, metrics, metricsZone } from '../nginx/metrics';
import { type Finding, finding } from './finding';

const key = 'tried out';

/** Whether anything is counted for /_oidc_metrics. Nobody is kept out where it is not. */
export function checkMetrics(): Finding {
  const about = `zone ${metricsZone}`;
  const zone = metrics();
  if (!zone) {
    return finding(
      'info',
      about,
      'missing: nothing is counted',
      `add "js_shared_dict_zone zone=${metricsZone}:256k type=number;"`,
    );
  }
  return takesNumbers(zone)
    ? finding(
        'ok',
        about,
        `what happens is counted, for /_oidc_metrics; ${Math.round(zone.freeSpace() / 1024)} KB free`,
      )
    : finding(
        'warning',
        about,
        'takes no numbers: nothing is counted',
        'add type=number to its js_shared_dict_zone line',
      );
}

function takesNumbers(zone: CounterZone): boolean {
  try {
    zone.incr(key, 0, 0);
    return true;
  } catch {
    return false;
  }
}
