#!/usr/bin/env bash
# Runs npm run test:containers with the Docker engine that is here, else with one that it starts (as root, from Debian's
# docker.io) and ends. Without OIDC_TEST_IMAGES it builds the images to test from Debian's packages first.
# Where no engine can run it says so in one line: that is a failure with CI=true only.
set -euo pipefail
cd "$(dirname "$0")/../.."

without_engine() {
  echo "The container tests did not run: $1" >&2
  if [ "${CI:-}" = true ]; then exit 1; else exit 0; fi
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || docker info >/dev/null 2>&1 || missing+=(docker.io)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v openssl >/dev/null || missing+=(openssl)
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose)
  [ "${#missing[@]}" -gt 0 ] || return 0
  DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends "${missing[@]}"
}

engine=
folder=
stop_engine() {
  [ -z "$engine" ] || { kill "$engine" 2>/dev/null && wait "$engine" 2>/dev/null || true; }
  [ -z "$folder" ] || { umount "$folder"/exec/netns/* 2>/dev/null; rm -rf "$folder"; } || true
}
trap stop_engine EXIT

start_engine() {
  folder=$(mktemp -d)
  dockerd --host "unix://$folder/docker.sock" --exec-root "$folder/exec" --pidfile "$folder/pid" >"$folder/log" 2>&1 &
  engine=$!
  export DOCKER_HOST=unix://$folder/docker.sock
  for _ in $(seq 60); do
    if docker info >/dev/null 2>&1; then return 0; fi
    if ! kill -0 "$engine" 2>/dev/null; then return 1; fi
    sleep 0.5
  done
  return 1
}

[ "$(id -u)" = 0 ] || without_engine 'they start, signal and look at processes in containers, which needs root'
install_packages >/dev/null 2>&1 || without_engine "what they need cannot be installed: docker.io, debootstrap, docker-compose"
docker info >/dev/null 2>&1 || start_engine ||
  without_engine "no Docker engine can run here: $(grep -E 'level=(error|fatal)|failed' "$folder/log" | tail -1)"

export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0}
[ -n "${OIDC_TEST_IMAGES:-}" ] || npx tsx scripts/images/build.ts
npm run test:containers -- "$@"
