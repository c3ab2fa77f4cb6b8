/** openid_connect.server_conf with a location that is shipped commented out: `_oidc_metrics`. Throws where there is none. */
export function uncommented(serverConf: string, location: string): string {
  const changed = serverConf.replace(new RegExp(`# (location = /${location} \\{)\\n(?:# .*\\n)+`), (block) =>
    block.replace(/^# ?/gm, ''),
  );
  if (changed === serverConf) throw new Error(`no location /${location} that is commented out`);
  return changed;
}

/** frontend.conf with the line of the audit log, whose file is in the folder that NGINX starts in. Throws where there is none. */
export function withAuditLog(frontendConf: string): string {
  const line = /# (access_log )\/var\/log\/nginx\/(oidc_audit\.log oidc_audit if=\$oidc_audit;)/;
  const changed = frontendConf.replace(line, '$1$2');
  if (changed === frontendConf) throw new Error('no access_log for the audit log that is commented out');
  return changed;
}
