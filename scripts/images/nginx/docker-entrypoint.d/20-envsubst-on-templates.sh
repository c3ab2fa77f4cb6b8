#!/bin/sh
# /etc/nginx/templates/NAME.template becomes /etc/nginx/conf.d/NAME with the ${VARIABLES} of the environment filled in.
set -e
templates=${NGINX_ENVSUBST_TEMPLATE_DIR:-/etc/nginx/templates}
suffix=${NGINX_ENVSUBST_TEMPLATE_SUFFIX:-.template}
output=${NGINX_ENVSUBST_OUTPUT_DIR:-/etc/nginx/conf.d}

[ -d "$templates" ] || exit 0
if [ ! -w "$output" ]; then
  echo "$0: $templates is there, but $output cannot be written" >&2
  exit 0
fi
names=$(awk "BEGIN { for (name in ENVIRON) if (name ~ /${NGINX_ENVSUBST_FILTER:-}/) printf \"\${%s} \", name }" </dev/null)
find "$templates" -follow -type f -name "*$suffix" | while read -r template; do
  target=$output/${template#"$templates"/}
  target=${target%"$suffix"}
  mkdir -p "$(dirname "$target")"
  envsubst "$names" <"$template" >"$target"
done
