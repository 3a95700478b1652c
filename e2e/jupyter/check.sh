#!/usr/bin/env bash
# Holds the kernel and the server against Jupyter's own tools, as Debian packages them: the 12 checks of
# jupyter_kernel_test, notebooks run by nbconvert and nbclient, a session through jupyter_client, Jupyter's two servers
# with our kernel (the page of one in a browser), and a Jupyter server that has its kernels on a Trialroom server. The
# packages are unpacked into a folder of their own, so nothing on the system changes. Needs Debian or a relative of it
# (apt-get, dpkg), python3, and the package sources once.
#   e2e/jupyter/check.sh            all of it
#   e2e/jupyter/check.sh packages   only unpack, and print the environment to use
# TRIALROOM_JUPYTER_PYTHON names a Python that has Jupyter of its own (jupyterlab, notebook 7, nbclient, nbconvert): the same
# is checked with those instead, but for the 12 checks and the classic page, and the pages of JupyterLab and Notebook 7 too.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
unpacked=${TRIALROOM_JUPYTER_DEBS:-$root/node_modules/.cache/jupyter-debian}
python=/usr/bin/python3
own=${TRIALROOM_JUPYTER_PYTHON:-}

if [ -z "$own" ]; then
  for tool in apt-get dpkg "$python"; do
    command -v "$tool" >/dev/null || { echo "$tool is not here: this check needs Debian or a relative of it" >&2; exit 2; }
  done

  wanted=(python3-jupyter-kernel-test python3-jupyter-client python3-nbclient python3-nbconvert jupyter-notebook
    jupyter-server)
  # An earlier list of packages may have been unpacked here.
  if [ "$(cat "$unpacked/complete" 2>/dev/null)" != "${wanted[*]}" ]; then
    mkdir -p "$unpacked/debs"
    cd "$unpacked/debs"
    # What apt would install beside what is there already.
    names=$(apt-get install -s --no-install-recommends "${wanted[@]}" 2>/dev/null | sed -n 's/^Inst \([^ ]*\) .*/\1/p') || true
    if [ -z "$names" ]; then
      missing=$(dpkg-query -W -f '${Package} ${Status}\n' "${wanted[@]}" 2>&1 | grep -v 'ok installed' || true)
      [ -z "$missing" ] || { echo "apt knows no source for ${wanted[*]}: run apt-get update and try again" >&2; exit 2; }
    else
      # shellcheck disable=SC2086
      apt-get download -qq $names 2>&1 | grep -v 'unsandboxed' || true
      for package in *.deb; do dpkg -x "$package" "$unpacked"; done
    fi
    # What is installed already was not unpacked beside the links that lead to it.
    find "$unpacked/usr" -xtype l | while read -r link; do
      installed=$(realpath -ms "$(dirname "$link")/$(readlink "$link")")
      installed=${installed#"$unpacked"}
      [ ! -e "$installed" ] || ln -sfn "$installed" "$link"
    done
    echo "${wanted[*]}" > "$unpacked/complete"
  fi

  libraries=$(find "$unpacked/usr/lib" -maxdepth 1 -type d -name '*-linux-gnu*' 2>/dev/null | paste -sd:)
  export PYTHONPATH="$unpacked/usr/lib/python3/dist-packages"
  export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
else
  python=$own
fi
export PYTHONWARNINGS=ignore
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
export JUPYTER_PATH="$prefix/share/jupyter$([ -n "$own" ] || echo ":$unpacked/usr/share/jupyter")"
export JUPYTER_CONFIG_DIR="$prefix/config" JUPYTER_DATA_DIR="$prefix/data" JUPYTER_RUNTIME_DIR="$prefix/runtime"
export PATH="$root/node_modules/.bin:$PATH"

if [ "${1:-}" = packages ]; then
  echo "export PYTHONPATH=$PYTHONPATH LD_LIBRARY_PATH=$LD_LIBRARY_PATH"
  exit 0
fi

cd "$root"
node server/bin/trialroom.js kernelspec install --prefix "$prefix"

if [ -z "$own" ]; then
  echo "── jupyter_kernel_test"
  "$python" "$here/kernel_checks.py" -v
fi

echo "── nbconvert --execute"
"$python" -m nbconvert --to notebook --execute --ExecutePreprocessor.kernel_name=trialroom \
  --output-dir "$prefix" --output executed.ipynb "$here/sample.ipynb"
"$python" "$here/notebook_check.py" "$prefix/executed.ipynb"

echo "── nbclient"
"$python" "$here/nbclient_check.py"

echo "── jupyter_client"
"$python" "$here/session_check.py"

echo "── Jupyter's servers"
if [ -z "$own" ]; then node "$here/servers_check.ts" "$python"; else node "$here/pages_check.ts" "$python"; fi
node "$here/api_check.ts" "$python"
echo "all passed"
