#!/usr/bin/env bash
# JupyterLab's own application, all of its extensions, bundled from npm and worked with in a browser, on a Trialroom server
# of another origin. The packages (470 MB) go into a cache, not into this project. `npm run build` is not needed.
#   e2e/jupyter/lab.sh
# TRIALROOM_JUPYTERLAB names another folder for the packages, TRIALROOM_PICTURE a file for a picture of the page at the end.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
export PATH="$root/node_modules/.bin:$PATH"
folder=${TRIALROOM_JUPYTERLAB:-$root/node_modules/.cache/jupyterlab}
version=4.6.3

if [ "$(cat "$folder/complete" 2>/dev/null)" != "$version" ]; then
  mkdir -p "$folder"
  cat > "$folder/package.json" <<JSON
{
  "private": true,
  "dependencies": {
    "@jupyterlab/metapackage": "$version",
    "esbuild": "0.28.2",
    "path-browserify": "1.0.1",
    "react": "^18.2.0",
    "react-dom": "^18.2.0",
    "yjs": "^13.5.40"
  }
}
JSON
  # The packages name one another by ranges: as of this day, all of them are of one release.
  (cd "$folder" && npm install --ignore-scripts --no-audit --no-fund --before=2026-09-20)
  echo "$version" > "$folder/complete"
fi
node "$here/lab/build.ts" "$folder"
node "$here/lab/check.ts" "$folder"
echo "all passed"
