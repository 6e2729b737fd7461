#!/bin/sh
# Installs Natsuin for one person, without an administrator, below ~/.local; install.sh --uninstall removes it without trace.
#
# It keeps out of what is not its own: it follows no link, replaces nothing of somebody else's, and takes back what it did
# when it cannot finish.
# shellcheck disable=SC2088 # people read the tilde
set -eu
umask 022

lib=.local/lib/natsuin
link=.local/bin/natsuin
files="natsuin install.sh README.txt LICENSE NOTICE THIRD-PARTY-LICENSES"
made=$lib/made # the folders that were made for it, one a line
list=          # the same, while they are being made

# say JAPANESE ENGLISH
say() {
  case ${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} in
    ja*) printf '%s\n' "$1" ;;
    *) printf '%s\n' "$2" ;;
  esac
}

fail() {
  say "$1" "$2" >&2
  exit 1
}

# folder PATH says whether it is a folder, and no link to one.
folder() { [ -d "$1" ] && [ ! -L "$1" ]; }

# there PATH is true of anything by that name, a link that leads nowhere, too.
there() { [ -e "$1" ] || [ -L "$1" ]; }

# ours says whether the command in ~/.local/bin is the one that was put there.
ours() { [ -L "$link" ] && [ "$(readlink "$link")" = "../lib/natsuin/natsuin" ]; }

# unfinished says whether the folder is one that an installation had made that was killed before it could write down which.
unfinished() {
  case $(ls -A "$lib") in
    "" | made.new) ;;
    *) return 1 ;;
  esac
}

# starts PROGRAM says whether a program starts at all, on this machine and with its libraries.
starts() { "$1" version >/dev/null; }

# machine PROGRAM names the kind of machine that a program is for, as uname -m does, of those that Natsuin is built for: it
# stands in bytes 18 and 19 of an ELF file.
machine() {
  case $(od -An -tx1 -j18 -N2 "$1" 2>/dev/null | tr -d ' \n') in
    3e00) echo x86_64 ;;
    b700) echo aarch64 ;;
  esac
}

# right_machine PROGRAM refuses a program that is for machines of another kind.
right_machine() {
  built=$(machine "$1")
  case $built in "" | "$(uname -m)") return ;; esac
  fail "このnatsuinは${built}用で、$(uname -m)のこのパソコンでは起動しません。このパソコンに合った配布ファイル(x86_64はlinux-amd64、aarch64はlinux-arm64)を使ってください。何も変えていません。" \
    "This natsuin is for $built and does not start on this machine, which is $(uname -m): use the archive for it (linux-amd64 for x86_64, linux-arm64 for aarch64). Nothing was changed."
}

# record is the file in which Natsuin keeps what it registered.
record() { printf '%s' "${XDG_STATE_HOME:-.local/state}/natsuin/registered.json"; }

# recorded PATH says whether a folder of the home was made when Natsuin registered itself from elsewhere, by its record. A
# home whose name JSON writes differently is not found in it: then the folder counts as the person's.
recorded() {
  grep -sxF -A1 "      \"base\": \"${HOME%/}\"," "$(record)" | grep -qxF "      \"path\": \"$1\""
}

# registered says whether the program stands in the record. It goes by the end of its path, because JSON may write the
# home's name differently.
registered() { grep -sqF "/$lib/natsuin\"" "$(record)"; }

# no_folders PATH... refuses a folder in one of these places or where a file is to be: somebody put something into it.
no_folders() {
  for file in $files made; do set -- "$@" "$lib/$file" "$lib/$file.new"; done
  for path; do
    if folder "$path"; then
      fail "~/$path はフォルダーです。中を確かめて取り除いてから、もう一度実行してください。何も変えていません。" \
        "~/$path is a folder. Look into it, remove it and run this again. Nothing was changed."
    fi
  done
}

look() {
  starts "$here/natsuin" || {
    right_machine "$here/natsuin"
    fail "natsuinが起動しません。スマートカードのサービス(pcscd)とそのライブラリーが必要です。管理者に、Debian・Ubuntuではpcscdとlibpcsclite1、Fedora・openSUSEではpcsc-liteを入れてもらってください。" \
      "natsuin does not start. It needs the smart card service with its library: ask an administrator for pcscd and libpcsclite1 (Debian, Ubuntu) or pcsc-lite (Fedora, openSUSE)."
  }
  for path in .local .local/lib .local/bin "$lib"; do
    if there "$path" && ! folder "$path"; then
      fail "~/$path がフォルダーではない(またはリンクな)ので、何も書き込みませんでした。" "~/$path is not a folder, or is a link: nothing was written."
    fi
  done
  for path in "$lib"/*; do
    if [ -L "$path" ]; then
      fail "~/$path がリンクなので、何も書き込みませんでした。" "~/$path is a link: nothing was written."
    fi
  done
  no_folders "$link"
  if there "$lib" && [ ! -f "$made" ] && ! unfinished; then
    fail "~/$lib はこのスクリプトが作ったものではないので、何も書き込みませんでした。" "~/$lib was not made by this script: nothing was written."
  fi
  if there "$link" && ! ours; then
    fail "~/$link はほかのプログラムなので、何も書き込みませんでした。" "~/$link is another program: nothing was written."
  fi
}

# make_folders makes those that are missing, and keeps a list of them and of what Natsuin had made before. That is to go with
# the last of both, and whoever goes first cannot remove it: the other has something in it.
make_folders() {
  for path in .local .local/lib .local/bin "$lib"; do
    if [ "$path" = "$lib" ] || ! there "$path" || recorded "$path"; then
      list="$path
$list"
      there "$path" || mkdir "$path"
    fi
  done
  printf '%s' "$list" >"$made.new"
  mv -f "$made.new" "$made"
}

# remove_folders removes those that it reads, as far as they are empty.
remove_folders() {
  while read -r path; do
    rmdir "$path" 2>/dev/null || :
  done
}

# put_files replaces the files: first all are written beside the old ones, for which the disk may be too small, then each
# gets its name in one step. A program that is running goes on as it is.
put_files() {
  for file in $files; do
    rm -f "$lib/$file.new"
    cp "$here/$file" "$lib/$file.new"
  done
  for file in $files; do mv -f "$lib/$file.new" "$lib/$file"; done
}

# remove_new removes what has not got its name.
remove_new() {
  for file in $files made; do rm -f "$lib/$file.new"; done
}

install() {
  look
  undo=no
  trap take_back EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ ! -f "$made" ]; then
    undo=yes
    make_folders
  fi
  if [ "$here" != "$(pwd -P)/$lib" ]; then
    put_files
  fi
  if folder .local/bin && ! ours; then ln -s ../lib/natsuin/natsuin "$link"; fi
  "$HOME/$lib/natsuin" install --user
  undo=no
  say "インストールしました。次に、ブラウザーに拡張機能を追加してください（方法は ~/$lib/README.txt にあります）。うまく動かないときは「~/$link doctor」が調べます。" \
    "Installed. Next, add the extension to your browser, as ~/$lib/README.txt says. If something does not work, ~/$link doctor looks into it."
  say "取り除くには: sh ~/$lib/install.sh --uninstall" "To remove it: sh ~/$lib/install.sh --uninstall"
}

# remove removes the files, and the folders that were made for them.
remove() {
  if ours; then rm -f "$link"; fi
  remove_new
  for file in $files; do rm -f "$lib/$file"; done
  if [ -s "$made" ]; then list=$(cat "$made"); fi
  rm -f "$made"
  printf '%s\n' "$list" | remove_folders
}

# take_back undoes an installation that did not come to its end: a first one altogether.
# shellcheck disable=SC2317 # a trap calls it
take_back() {
  remove_new
  [ "$undo" = yes ] || return 0
  "$HOME/$lib/natsuin" uninstall --user >/dev/null 2>&1 || :
  remove
}

# unregister has the installed program remove its registration, or where that does not start any more (damaged, or made for
# another machine) the one that was unpacked with this script.
unregister() {
  program=$(pwd -P)/$lib/natsuin # as it registered itself
  remover=$program
  if ! starts "$program"; then
    remover=$here/natsuin
    if [ "$remover" = "$program" ] || ! starts "$remover"; then
      if [ "$remover" != "$program" ]; then right_machine "$remover"; fi
      fail "~/$lib/natsuin が起動しないので、ブラウザーへの登録を取り除けません。何も変えていません。配布ファイルをもう一度展開し、その中の「install.sh --uninstall」を実行してください。pcscdのライブラリー(libpcsclite1、pcsc-lite)がない場合は、先に入れてください。" \
        "~/$lib/natsuin does not start, so that the registration with the browsers cannot be removed. Nothing was changed. Unpack the archive again and run install.sh --uninstall there. Where pcscd's library is missing (libpcsclite1, pcsc-lite), have it installed first."
    fi
    say "~/$lib/natsuin が起動しないので、展開した配布ファイルのnatsuinで登録を取り除きます。" \
      "~/$lib/natsuin does not start: the natsuin that was unpacked with this script removes the registration."
  fi
  code=0
  told=$("$remover" uninstall --user --program "$program") || code=$?
  printf '%s\n' "$told"
  [ "$code" = 0 ] || fail "ブラウザーへの登録を取り除けなかったので、プログラムも残しました。" \
    "The registration with the browsers could not be removed; the program was left, too."
  # What no record knows is left. Where it leads to the program, nobody could remove it any more without that.
  case $("$remover" uninstall --user --program "$program" --json) in
    *"\"program\": \"$(printf '%s' "$program" | sed 's/[\\"]/\\&/g')\""*) ;;
    *) return ;;
  esac
  left=$("$remover" uninstall --user --program "$program")
  if [ "$left" != "$told" ]; then printf '%s\n' "$left"; fi
  fail "ブラウザーへの登録が残っているので、プログラムも残しました。" "Some of the registration with the browsers is left, and so the program was left, too."
}

uninstall() {
  for path in .local .local/lib "$lib"; do
    if there "$path" && ! folder "$path"; then say "インストールされていません。" "It is not installed."; return; fi
  done
  no_folders
  if ! there "$lib" || unfinished; then
    list=$lib
    registered || { remove; say "インストールされていません。" "It is not installed."; return; }
  elif [ ! -f "$made" ] || [ -L "$made" ]; then
    fail "~/$lib はこのスクリプトが作ったものではありません。" "~/$lib was not made by this script."
  fi
  # Killed before the program and its command were in their places, an installation had registered nothing.
  if there "$lib/natsuin" || ours || registered; then unregister; fi
  remove
  say "取り除きました。" "Removed."
}

main() {
  if [ "$(id -u)" = 0 ]; then
    fail "これは一人のためのインストールです。管理者はdebまたはrpmのパッケージを使ってください。" \
      "This installs for one person. As an administrator, use the deb or rpm package."
  fi
  here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
  case ${HOME:-} in
    /*) cd -- "$HOME" ;;
    *) fail "HOMEにホームフォルダーが設定されていません。" "HOME does not name your home folder." ;;
  esac
  # The home is its own lock: no file can be left behind, whoever pulls the plug.
  exec 9<.
  code=0
  flock -w 60 9 || code=$?
  case $code in
    0) ;;
    1) fail "ほかのインストールが終わりません。" "Another installation does not come to its end." ;;
    *) fail "ホームフォルダーをロックできないので、何も変えませんでした。flockコマンド(util-linux)が必要です。" \
      "The home folder cannot be locked, and nothing was changed: this needs the command flock (util-linux)." ;;
  esac
  case ${1:-} in
    "") install ;;
    --uninstall) uninstall ;;
    *)
      say "使い方: install.sh [--uninstall]" "Usage: install.sh [--uninstall]" >&2
      exit 2
      ;;
  esac
}

# All is read before anything is done: the script may remove itself.
main "$@"
exit
