# Sourced: a Docker engine of our own for as long as the script that sources this runs. Needs root and Debian's docker.io.
# Its data (the images, between runs) is in a folder of its own, so that it meets nobody's containers. What it changes on
# the machine - interfaces, firewall rules, IP forwarding, cgroup mounts - is undone by stop_engine.

engine_home=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/nginx-openid-connect-rp/engine
engine=

# Starts it, first as it is, then with storage that works everywhere, then with the older iptables. Sets DOCKER_HOST.
start_engine() {
  mkdir -p "$engine_home"
  exec 9>"$engine_home/lock"
  flock -w 1800 9 || return 1 # another run goes on and on
  clear_engine_folder
  : >"$engine_home/log"
  mount_cgroups
  note_network
  unset DOCKER_CONTEXT DOCKER_TLS_VERIFY
  export DOCKER_HOST=unix://$engine_home/docker.sock
  note_firewall iptables
  try_engine || try_engine --storage-driver=vfs || start_with_legacy_iptables
}

# Why it did not start.
engine_failure() {
  { grep -hE 'level=(error|fatal)|^failed' "$engine_home/log" || echo 'no reason given'; } 2>/dev/null | tail -1
}

start_with_legacy_iptables() {
  command -v iptables-legacy >/dev/null || return 1
  note_firewall iptables-legacy
  mkdir -p "$engine_home/legacy"
  ln -sf "$(command -v iptables-legacy)" "$engine_home/legacy/iptables"
  local PATH=$engine_home/legacy:$PATH
  try_engine || try_engine --storage-driver=vfs
}

try_engine() {
  # out of reach of Ctrl-C, and told to end when this script is gone, however it went
  setsid setpriv --pdeathsig TERM dockerd "$@" --host "$DOCKER_HOST" --data-root "$engine_home/data" \
    --exec-root "$engine_home/exec" --pidfile "$engine_home/pid" --exec-opt native.cgroupdriver=cgroupfs \
    >>"$engine_home/log" 2>&1 &
  engine=$!
  local _
  for _ in $(seq 120); do
    if docker info >/dev/null 2>&1; then
      remove_leftovers
      return 0
    fi
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.5
  done
  end_engine
  return 1
}

end_engine() {
  [ -n "$engine" ] || return 0
  kill "$engine" 2>/dev/null || true
  for _ in $(seq 60); do
    kill -0 "$engine" 2>/dev/null || break
    sleep 0.5
  done
  kill -KILL "$engine" 2>/dev/null || true
  wait "$engine" 2>/dev/null || true
  engine=
}

stop_engine() {
  set +e # as much as can be done
  [ -z "$engine" ] || remove_leftovers
  end_engine
  clear_engine_folder
}

# Containers, networks and volumes of this engine, from a run that was interrupted; images stay.
remove_leftovers() {
  local containers
  containers=$(docker ps -aq 2>/dev/null) || return 0
  [ -z "$containers" ] || docker rm -fv $containers >/dev/null 2>&1 || true
  docker network prune -f >/dev/null 2>&1 || true
  docker volume prune -f >/dev/null 2>&1 || true
  docker image prune -f >/dev/null 2>&1 || true
}

# Written down, so that the next run can do what this one was kept from.
undo_later() { echo "$1" >>"$engine_home/undo"; }

clear_engine_folder() {
  [ -d "$engine_home" ] || return 0
  local step
  [ ! -e "$engine_home/undo" ] || tac "$engine_home/undo" | while read -r step; do
    eval "$step" >/dev/null 2>&1 || true
  done
  { grep -F " $engine_home/" /proc/mounts || true; } | cut -d' ' -f2 | sort -r | while read -r mounted; do
    umount "$mounted" 2>/dev/null || umount -l "$mounted" 2>/dev/null || true
  done
  rm -rf "$engine_home/exec" "$engine_home/pid" "$engine_home/docker.sock" "$engine_home/legacy" "$engine_home/undo"
}

# Where nothing has mounted the cgroups: version 2, or version 1 where its controllers are in use.
mount_cgroups() {
  local name hierarchy enabled rest
  if grep -qE ' /sys/fs/cgroup(/[a-z,_]+)? cgroup2? ' /proc/mounts; then return 0; fi
  undo_later 'umount -R /sys/fs/cgroup'
  if awk '!/^#/ && $2 != 0 { used = 1 } END { exit used }' /proc/cgroups; then
    mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null || true
    return 0
  fi
  mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup 2>/dev/null || return 0
  while read -r name hierarchy rest enabled; do
    [ "$enabled" = 1 ] || continue
    mkdir -p "/sys/fs/cgroup/$name"
    mount -t cgroup -o "$name" cgroup "/sys/fs/cgroup/$name" 2>/dev/null || rmdir "/sys/fs/cgroup/$name"
  done < <(grep -v '^#' /proc/cgroups)
}

note_network() {
  undo_later "echo $(cat /proc/sys/net/ipv4/ip_forward) >/proc/sys/net/ipv4/ip_forward"
  [ -e /sys/class/net/docker0 ] || undo_later 'ip link delete docker0'
}

# What dockerd adds by this iptables goes away again, unless another engine added it before.
note_firewall() {
  local tool=$1
  "$tool" -S >/dev/null 2>&1 || return 0
  if "$tool" -S 2>/dev/null | grep -q DOCKER; then return 0; fi
  undo_later "$tool -P FORWARD $("$tool" -S FORWARD 2>/dev/null | awk '$1 == "-P" { print $3 }')"
  undo_later "$tool-save | grep -vE 'DOCKER|docker0| br-[0-9a-f]{12} ' | $tool-restore"
}
