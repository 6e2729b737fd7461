#!/bin/sh
# A package manager replaces files that no package has without asking. A registration under Natsuin's name that is not
# Natsuin's is somebody else's: the installation stops before anything is written. Of one that "natsuin install --system" wrote
# its record has the SHA-256, and after-install.sh brings it up to date.
set -e

record=/var/lib/natsuin/registered.json

# readable FILE: nobody waits for a pipe, or reads on and on. No manifest and no record has a MiB.
readable() { [ -f "$1" ] && [ "$(wc -c <"$1")" -le 1048576 ]; }

ours() { readable "$1" && { grep -Eqs '"path"[[:space:]]*:[[:space:]]*"/usr/bin/natsuin"' "$1" || written "$1"; }; }

written() { readable "$record" && sum=$(sha256sum <"$1") && grep -qsF "\"value\": \"${sum%% *}\"" "$record"; }

owned() { dpkg -S "$1" >/dev/null 2>&1 || rpm -qf "$1" >/dev/null 2>&1; }

while read -r file; do
  [ -e "$file" ] || [ -L "$file" ] || continue
  if ours "$file" || owned "$file"; then continue; fi
  echo "natsuin: 「${file}」は、パッケージのものではなく、Natsuinのものでもないため、何もインストールしませんでした。何かを確かめ、いらなければ取り除いて、もう一度実行してください。" >&2
  echo "natsuin: $file belongs to no package and is not Natsuin's: nothing was installed. Look at what it is; where nobody needs it, remove it and run this again." >&2
  exit 1
done <<MANIFESTS
@MANIFESTS@
MANIFESTS
