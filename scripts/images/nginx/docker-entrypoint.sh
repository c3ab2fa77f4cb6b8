#!/bin/sh
# Behaves as the official image's: before NGINX starts, *.envsh below /docker-entrypoint.d are sourced and *.sh are run,
# in order of their names; one that fails stops the start.
set -e

case "$1" in
  nginx | nginx-debug)
    find /docker-entrypoint.d -follow -type f | sort -V | while read -r step; do
      [ -x "$step" ] || continue
      case "$step" in
        *.envsh) . "$step" ;;
        *.sh) "$step" ;;
      esac
    done
    ;;
esac
exec "$@"
