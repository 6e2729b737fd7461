#!/bin/sh
# A package manager replaces files that no package has without asking. A registration under Natsuin's name that is not
# Natsuin's is somebody else's: the installation stops before anything is written. Of one that "natsuin install --system" wrote
# its record has the SHA-256, and after-install.sh brings it up to date.
set -e

ours() { [ -f "$1" ] && { grep -qs '"/usr/bin/natsuin"' "$1" || written "$1"; }; }

written() { sum=$(sha256sum <"$1") && grep -qsF "\"value\": \"${sum%% *}\"" /var/lib/natsuin/registered.json; }

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
