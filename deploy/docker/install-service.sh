#!/bin/sh
# Runs inside the build, where the manifests of all packages are and what npm has installed for them:
#
#   install-service.sh [gateway|draft|verifier]
#
# /service gets what the service depends on in production, /folders the names of the packages it is made of.
set -eu
# shellcheck disable=SC2068 # without a service: everything
node deploy/docker/keep-service.mjs $@
npx turbo prune @adaedl/cli --production --use-gitignore=false --out-dir /service
# Copied from what is installed, which takes a tenth of installing it anew; without what only compilers and people read.
node -p 'Object.keys(require("/service/package-lock.json").packages).filter((path) =>
  /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && fs.existsSync(path)).join("\n")' |
  tar -c --exclude='*.d.ts' --exclude='*.d.cts' --exclude='*.d.mts' --exclude='*.map' --files-from=- | tar -x -C /service
cd /service
find packages services proto -name node_modules -prune -o -name package.json -printf '%h\n' >/folders
