#!/bin/sh
# What was registered by hand goes with the program. An upgrade ("upgrade" for dpkg, 1 for rpm) leaves it.
set -e
case "$1" in
  remove | 0)
    if [ -e /var/lib/natsuin/registered.json ]; then
      /usr/bin/natsuin uninstall --system >/dev/null || echo "natsuin: not everything that was registered by hand could be removed" >&2
    fi
    ;;
esac
