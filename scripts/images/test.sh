#!/usr/bin/env bash
# Runs npm run test:containers with the Docker engine that is here, else with one that it starts (as root, from Debian's
# docker.io) and ends. Without OIDC_TEST_IMAGES it builds the images to test from Debian's packages first.
# Where no engine can run it says so in one line. That is a failure only with CI=true on a machine that had an engine.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=scripts/images/engine.sh
. scripts/images/engine.sh

had_engine=
if command -v dockerd >/dev/null || [ -S /var/run/docker.sock ] || [ -n "${DOCKER_HOST:-}" ]; then had_engine=yes; fi

without_engine() {
  echo "The container tests did not run: $1" >&2
  if [ "${CI:-}" = true ] && [ -n "$had_engine" ] && [ "$(id -u)" = 0 ]; then exit 1; else exit 0; fi
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || docker info >/dev/null 2>&1 || missing+=(docker.io iptables iproute2)
  command -v docker >/dev/null || missing+=(docker.io docker-cli docker-buildx)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v openssl >/dev/null || missing+=(openssl)
  docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || missing+=(docker-compose)
  [ "${#missing[@]}" -gt 0 ] || return 0
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  # these two are packages of their own from Debian 13 on
  apt-cache show docker-cli docker-buildx >/dev/null 2>&1 || missing=($(printf "%s\n" "${missing[@]}" | grep -vxE "docker-(cli|buildx)"))
  apt-get install -yq --no-install-recommends "${missing[@]}"
}

[ "$(id -u)" = 0 ] || without_engine 'they start, signal and look at processes in containers, which needs root'
said=$(install_packages 2>&1) ||
  without_engine "docker.io, debootstrap or docker-compose cannot be installed: $(tail -1 <<<"$said")"

tests=
supervise() {
  local status=0
  setsid "$@" </dev/null & # in a group of its own, which can be ended whole
  tests=$!
  wait "$tests" || status=$?
  tests=
  return "$status"
}
clean_up() {
  if [ -n "$tests" ]; then
    kill -TERM -- "-$tests" 2>/dev/null || true
    wait "$tests" 2>/dev/null || true
    kill -KILL -- "-$tests" 2>/dev/null || true
  fi
  stop_engine
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

docker info >/dev/null 2>&1 || start_engine || without_engine "no Docker engine can run here: $(engine_failure)"

build='npx tsx scripts/images/build.ts'
[ -n "${OIDC_TEST_IMAGES:-}" ] || supervise $build || supervise $build # a mirror may fail once
supervise npm run test:containers -- "$@"
