#!/usr/bin/env bash
# Runs the tests of the Debian package in a bare Debian 13, which debootstrap makes and which is gone afterwards. Nothing is
# installed on the machine itself but debootstrap. Needs root and Debian's apt sources; where they or the right to chroot
# and unshare are missing it says so in one line, which is no failure.
set -euo pipefail
cd "$(dirname "$0")/../.."

did_not_run() {
  echo "The tests of the Debian package did not run: $1" >&2
  exit 0
}

[ "$(id -u)" = 0 ] || did_not_run 'they install packages in a root folder of their own, which needs root'
export DEBIAN_FRONTEND=noninteractive
command -v debootstrap >/dev/null ||
  { apt-get update -q && apt-get install -yq --no-install-recommends debootstrap; } >/dev/null 2>&1 ||
  did_not_run 'debootstrap cannot be installed'

root=$(mktemp -d)
trap 'rm -rf --one-file-system "$root"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# What is mounted and started in here is gone with the first process of it.
apart() { unshare --mount --pid --fork --kill-child --mount-proc -- "$@"; }
apart true 2>/dev/null || did_not_run 'this machine lets nobody unshare mounts and processes'

echo 'A bare Debian 13 ...'
npx tsx scripts/release/bare-debian.ts "$root" >"$root.log" 2>&1 || {
  reason=$(tail -1 "$root.log")
  rm -f "$root.log"
  did_not_run "no bare Debian 13 can be made here: $reason"
}
rm -f "$root.log"
npm run --silent build
OIDC_DEB_ROOT=$root apart bash -c '
  mount -t proc proc "$OIDC_DEB_ROOT/proc"
  npx vitest run --config vitest.deb.config.ts "$@"
  exit $? # this shell is the first process: vitest must not take its place
' bash "$@"
