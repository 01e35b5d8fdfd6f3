#!/usr/bin/env bash
# Sees to it that a Docker engine answers, that it has the images which the container tests start from, and that there
# is a Compose.
#
# What is there stays as it is, what can be pulled is pulled. For a machine that reaches no image registry, stand-ins
# of the same names are put together from Debian's packages and this machine's Node.js. That, and installing
# Docker, takes root on Debian or Ubuntu; an engine that this script starts goes on running.
set -euo pipefail
images=(redis:7-bookworm node:20-bookworm-slim prom/prometheus:v3.15.0)

say() { printf 'base images: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || fail "$*, or run this as root on Debian or Ubuntu"; }
engine_answers() { timeout 10 docker version >/dev/null 2>&1; }
have() { docker image inspect "$1" >/dev/null 2>&1; }
have_compose() { docker compose version >/dev/null 2>&1 || docker-compose version >/dev/null 2>&1; }
have_all() { for image in "${images[@]}"; do have "$image" || return; done; }

apt_install() {
  command -v apt-get >/dev/null || fail "needs $*: install them"
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  # Whoever else of us installs waits at this lock: apt-get itself fails where another is running.
  flock --close "${TMPDIR:-/tmp}/adaedl-apt-get.lock" \
    sh -c 'apt-get update && apt-get install -y --no-install-recommends "$@"' sh "$@" </dev/null >"$work/apt.log" 2>&1 ||
    { tail "$work/apt.log" >&2; fail "could not install $*"; }
}

start_engine() {
  need_root 'no Docker engine answers: start one'
  # With what it recommends: without it the engine does not start on every machine.
  command -v dockerd >/dev/null || apt_install docker.io --install-recommends
  command -v docker >/dev/null || apt_install docker-cli # a package of its own since Debian 13
  if [ -d /run/systemd/system ]; then systemctl start docker || true
  elif ! engine_answers; then setsid dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
  fi
  for _ in $(seq 60); do ! engine_answers || return 0; sleep 0.5; done
  fail 'the Docker engine does not start: see its log, /var/log/dockerd.log or journalctl -u docker'
}

# Stops at the first failure: a registry out of reach is waited for once.
pull() {
  for image in "${images[@]}"; do
    have "$image" || timeout 60 docker pull --quiet "$image" >/dev/null 2>&1 || return
  done
}

# One small Debian for all stand-ins; it trusts the certificate authorities that this machine trusts.
bootstrap() {
  need_root "cannot pull ${images[*]}: reach an image registry"
  command -v mmdebstrap >/dev/null || apt_install mmdebstrap debian-archive-keyring
  say 'no image registry in reach: bootstrapping Debian'
  local mirror=() system=$work/root
  # Packages come from where this machine has its own, if that is Debian too.
  if [ "$(. /etc/os-release; echo "$ID")" = debian ]; then
    mapfile -t mirror < <(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 '/debian/*$')
  fi
  # Prometheus is fetched only: of its package and what that wants, its image needs the programs alone.
  mmdebstrap --variant=minbase --include=ca-certificates,redis-server --dpkgopt=force-unsafe-io \
    --dpkgopt=path-exclude=/usr/share/{doc,man,locale}/'*' \
    --customize-hook='chroot "$1" sh -c "cd /srv && apt-get download -o APT::Sandbox::User=root prometheus"' \
    bookworm "$system" "${mirror[@]}" 2>"$work/bootstrap.log" ||
    { tail "$work/bootstrap.log" >&2; fail 'could not bootstrap Debian'; }
  mv "$system"/srv/prometheus_*.deb "$work/prometheus.deb"
  cp /etc/ssl/certs/ca-certificates.crt "$system/etc/ssl/certs/"
  chroot "$system" useradd --uid 1000 --create-home node
}

# Takes what the public image takes: options of redis-server, or a command.
make_redis() {
  install -D -m 755 /dev/stdin "$work/root/usr/local/bin/docker-entrypoint.sh" <<'SCRIPT'
#!/bin/sh
case "${1-}" in -* | *.conf) set -- redis-server "$@" ;; esac
[ "${1-}" != redis-server ] || set -- "$@" --protected-mode no
exec "$@"
SCRIPT
  # A volume on it belongs to whom it belongs to; so it does in the public image.
  install --directory --owner=999 --group=999 "$work/root/data"
  import redis:7-bookworm 'ENTRYPOINT ["docker-entrypoint.sh"]' 'CMD ["redis-server"]' 'WORKDIR /data' 'EXPOSE 6379'
}

make_node() {
  local local=$work/root/usr/local
  mkdir -p "$local/lib/node_modules"
  cp "$(node -p process.execPath)" "$local/bin/node"
  cp -r "$(npm root --global)/npm" "$local/lib/node_modules/"
  for name in npm npx; do ln -s "../lib/node_modules/npm/bin/$name-cli.js" "$local/bin/$name"; done
  import node:20-bookworm-slim 'CMD ["node"]' 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt'
  local version
  version=$(docker run --rm node:20-bookworm-slim node --version)
  say "it has this machine's Node.js, $version"
}

# The last one: Node.js goes, and its own programs stay.
make_prometheus() {
  rm -r "$work"/root/usr/local/*
  dpkg-deb --fsys-tarfile "$work/prometheus.deb" |
    tar -C "$work/root" -x --no-same-owner ./usr/bin/prometheus ./usr/bin/promtool
  install --directory --owner=65534 --group=65534 "$work/root/prometheus"
  import prom/prometheus:v3.15.0 'ENTRYPOINT ["/bin/prometheus"]' 'WORKDIR /prometheus' 'USER nobody' 'EXPOSE 9090'
  say "it has Debian's Prometheus, $(dpkg-deb --field "$work/prometheus.deb" Version)"
}

# import IMAGE INSTRUCTION…
import() {
  local image=$1 changes=()
  have "$image" && return
  for change in "${@:2}"; do changes+=(--change "$change"); done
  tar -C "$work/root" -c . | docker import "${changes[@]}" - "$image" >/dev/null
  say "made a stand-in for $image"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
engine_answers || start_engine
have_all || pull || { bootstrap; make_redis; make_node; make_prometheus; }
have_compose || { need_root 'there is no Compose: install it'; apt_install docker-compose; }
