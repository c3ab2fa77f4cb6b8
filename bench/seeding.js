// Test-only handler of the benchmark: writes sessions into the zone.

function fill(r) {
  const dict = ngx.shared.oidc_sessions;
  const task = JSON.parse(r.requestText);
  let done = 0;
  try {
    (task.entries || []).forEach((entry) => {
      dict.set(entry[0], entry[1], entry[2] * 1000);
    });
    for (; done < (task.count || 0); done++) {
      for (let i = 0; i < task.records.length; i++) {
        dict.set(task.records[i][0] + task.name + String(10000 + done).slice(-5), task.records[i][1], 86400000);
      }
    }
  } catch (_error) {
    return r.return(507, String(done));
  }
  r.return(200, String(done));
}

export default { fill };
