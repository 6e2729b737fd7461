#!/bin/sh
# What was registered by hand goes with the program. An upgrade ("upgrade" for dpkg, 1 for rpm) leaves it. Why the program is
# named, after-install.sh says.
set -e
case "$1" in
  remove | 0)
    if [ -e /var/lib/natsuin/registered.json ]; then
      /usr/bin/natsuin uninstall --system --program /usr/bin/natsuin >/dev/null || {
        echo "natsuin: 手作業でしたブラウザーへの登録の一部を取り除けませんでした。原因は上のとおりで、残ったものは /var/lib/natsuin/registered.json にあります。" >&2
        echo "natsuin: not everything that was registered by hand could be removed, for the reason that is told above; /var/lib/natsuin/registered.json says what is left." >&2
      }
    fi
    ;;
esac
