#!/bin/sh
# An administrator's ids of the extension (settings.json) have to stand in the manifests, of which the package has just put
# its own in place; so has what was registered for everybody by hand, of which there is a record. Where the package's are
# right as they are, nothing is changed, and no record made. The program is named because it cannot tell where it is without
# /proc, which a root that "rpm --root" fills does not have.
set -e
if [ -e /etc/natsuin/settings.json ] || [ -e /var/lib/natsuin/registered.json ]; then
  /usr/bin/natsuin install --system --program /usr/bin/natsuin >/dev/null || {
    echo "natsuin: ブラウザーへの登録を更新できませんでした。上に示した原因を取り除いてから「/usr/bin/natsuin install --system」を実行してください。" >&2
    echo "natsuin: the registration with the browsers could not be brought up to date. Remove the cause that is told above, then run '/usr/bin/natsuin install --system'." >&2
  }
fi
