#!/bin/sh
# Runs inside the build, where the manifests of all packages are and npm has fetched everything:
#
#   install-service.sh [gateway|draft|verifier]
#
# /service gets what the service depends on in production, /folders the names of the packages it is made of.
set -eu
# shellcheck disable=SC2068 # without a service: everything
node deploy/docker/keep-service.mjs $@
npx turbo prune @adaedl/cli --production --use-gitignore=false --out-dir /service
cd /service
npm ci --offline --omit=dev --ignore-scripts --no-audit --no-fund
find packages services proto -name node_modules -prune -o -name package.json -printf '%h\n' >/folders
# onnxruntime comes with its libraries for every platform.
for libraries in node_modules/onnxruntime-node/bin/napi-v*; do
  [ -d "$libraries" ] || continue
  own=$libraries/$(node -p 'process.platform + "/" + process.arch')
  find "$libraries" -mindepth 2 -maxdepth 2 ! -path "$own" -exec rm -r {} +
done
