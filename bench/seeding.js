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
        const record = task.records[i]; // njs 0.8.9 does not know destructuring
        const key = record[0] + String(10000 + done).slice(-5) + i + task.name;
        dict.set(key.slice(0, record[1]), record[2], 86400000);
      }
    }
  } catch (_error) {
    return r.return(507, String(done));
  }
  r.return(200, String(done));
}

export default { fill };
