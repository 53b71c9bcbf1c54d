#!/usr/bin/env bash
# Gets what manifests are checked by into .setup/: kubernetes-validate, which holds the JSON schemas of Kubernetes itself, and the
# loader of Compose with the linter of BuildKit (main.go here). Needs python3 with venv, and Go. What is there is not got again.
set -euo pipefail
cd "$(dirname "$0")"
setup=$PWD/../../.setup
mkdir -p "$setup"
validate=$setup/kubernetes-validate
if ! "$validate/bin/kubernetes-validate" --version >/dev/null 2>&1; then
  rm -rf "$validate"
  python3 -m venv "$validate"
  "$validate/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
fi
go build -o "$setup/docker-check" .
