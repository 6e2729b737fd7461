#!/bin/sh
# Every system has this folder (FHS 3.0, 3.7.2). On Debian no package owns it, and dpkg takes it away with the last one that
# had something in it.
set -e
if [ "$1" = remove ]; then
  mkdir -p /etc/opt
fi
