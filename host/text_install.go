package main

import (
	"errors"
	"io/fs"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/internal/protocol"
)

// registerTexts say what was done. The verbs are the browser, the file or key, the other program, the other browsers.
var registerTexts = map[installer.Outcome]text{
	installer.Written:   {"%[1]s: 登録しました（%[2]s）。", "%[1]s: registered (%[2]s)."},
	installer.Unchanged: {"%[1]s: すでに登録されています（%[2]s）。", "%[1]s: registered already (%[2]s)."},
	installer.Removed:   {"%[1]s: 登録を取り消しました（%[2]s）。", "%[1]s: registration removed (%[2]s)."},
	installer.Restored:  {"%[1]s: パッケージの登録に戻しました（%[2]s）。パッケージとともに取り除かれます。", "%[1]s: brought back to what the package registered, which goes with the package (%[2]s)."},
	installer.Absent:    {"%[1]s: 登録されていません。", "%[1]s: was not registered."},
	installer.Shared:    {"%[1]s: 登録を取り消しましたが、%[4]sも使っている%[2]sは残しました。", "%[1]s: registration removed, but %[2]s was left: %[4]s uses it, too."},
	installer.Kept:      {"%[1]s: 別の場所のNatsuin（%[3]s）の登録なので、残しました（%[2]s）。", "%[1]s: left, because it is the registration of another copy of Natsuin, %[3]s (%[2]s)."},
	installer.Unrecorded: {"%[1]s: Natsuinの登録がありますが、ここで書いた記録がないので、残しました（%[2]s）。パッケージのものなら、パッケージとともに取り除かれます。環境変数XDG_STATE_HOMEを設定して登録したなら、同じ設定で、もう一度実行してください。",
		"%[1]s: left, because no record says that this wrote it (%[2]s). What a package registered goes with the package. If XDG_STATE_HOME was set when you registered, set it again and run this once more."},
	installer.Changed: {"%[1]s: 登録した後でほかのプログラムが書きかえているので、残しました（%[2]s）。", "%[1]s: left, because another program changed it after it had been written (%[2]s)."},
}

// nothingTexts are for a command that found nothing to do.
var nothingTexts = map[string]text{
	"install":   {"登録できるブラウザーが見つかりません。後で入れるブラウザーのために登録するには、「--browser 名前」か「--browser all」を付けてください。", "No browser was found to register with. To register for one that will be there later, add --browser NAME or --browser all."},
	"uninstall": {"取り消す登録はありません。本人のための登録は--user、全員のための登録は--systemを付けて取り消します。", "There is no registration to remove. --user removes one for oneself, --system one for everybody."},
}

// reachTexts tell of browsers in a sandbox. The verbs are the browser, its packaging, its id as a flatpak.
var reachTexts = map[installer.Reach]text{
	installer.Portal: {"%[1]s（%[2]s）: Natsuinの起動はデスクトップのポータルが仲介します。初めて使うときに出る「拡張機能がNatsuinを起動してよいか」の問いに「許可」と答えてください。",
		"%[1]s (%[2]s): the desktop's portal starts Natsuin for it. Allow it when the desktop asks whether the extension may start Natsuin, the first time."},
	installer.Proxy: {"%[1]s（%[2]s）: xdg-native-messaging-proxyを通して使えます。バージョン157以降で、about:configのwidget.use-xdg-desktop-portal.native-messaging-proxyを1にして、起動しなおしてください。",
		"%[1]s (%[2]s): works through xdg-native-messaging-proxy, from version 157 on. Set widget.use-xdg-desktop-portal.native-messaging-proxy to 1 in about:config, and start it anew."},
	installer.ProxyForbidden: {"%[1]s（%[2]s）: xdg-native-messaging-proxyの使用が許されていません。「flatpak override --user --talk-name=org.freedesktop.NativeMessagingProxy %[3]s」を実行してください。",
		"%[1]s (%[2]s): may not use xdg-native-messaging-proxy. Run flatpak override --user --talk-name=org.freedesktop.NativeMessagingProxy %[3]s"},
	installer.NoProxy: {"%[1]s（%[2]s）: 囲いの中で動き、外のプログラムを起動できないため、このままでは使えません。通常のパッケージ（deb、rpm）のものを使うか、xdg-native-messaging-proxyを入れて、もう一度登録してください。",
		"%[1]s (%[2]s): is confined and cannot start a program outside, so Natsuin does not work in it. Use one from an ordinary package (deb, rpm), or install xdg-native-messaging-proxy and register again."},
	installer.Confined: {"%[1]s（%[2]s）: 囲いの中で動き、外のプログラムを起動する方法がないため、使えません。通常のパッケージ（deb、rpm）のものを使ってください。",
		"%[1]s (%[2]s): is confined, and there is no way for it to start a program outside, so Natsuin does not work in it. Use one from an ordinary package (deb, rpm)."},
}

// conflictTexts say what is in the way. The verb is its path.
var conflictTexts = map[installer.Reason]text{
	installer.Foreign:    {"「%s」は、Natsuinの名前ですが、Natsuinの登録ではありません。何も変えていません。", "%s has Natsuin's name, but is no registration of Natsuin's. Nothing was changed."},
	installer.NotFile:    {"「%s」の場所に、通常のファイルやフォルダーではないものがあります。何も変えていません。", "In the place of %s is something that is no ordinary file or folder. Nothing was changed."},
	installer.Outside:    {"「%s」は、ホームフォルダーなどの書き込み先の外を指すか、指す先のないリンクです。たどらず、その先では何も変えていません。", "%s is a link that leads nowhere, or out of the folder to be written to. It was not followed, and nothing was changed behind it."},
	installer.Unfollowed: {"「%s」は、絶対パスで書かれたか、--rootの外を指すか、指す先のないリンクです。たどらず、その先では何も変えていません。", "%s is a link that is absolute, leads nowhere, or leads out of --root. It was not followed, and nothing was changed behind it."},
	installer.Damaged:    {"登録の記録「%s」を読めないか、ここで書けるはずのない場所がそこに書かれています。何も変えていません。", "The record of what was registered, %s, cannot be read, or names places in which nothing can have been registered from here. Nothing was changed."},
}

// conflictRemedies say what to do about it.
var conflictRemedies = map[installer.Reason]text{
	installer.Foreign:    {"何のファイルかを確かめ、いらなければ取り除いて、もう一度実行してください。ほかのブラウザーだけなら、--browserで選べます。", "Look at what it is; where nobody needs it, remove it and run this again. --browser chooses other browsers alone."},
	installer.NotFile:    {"何かを確かめ、いらなければ取り除いて、もう一度実行してください。ほかのブラウザーだけなら、--browserで選べます。", "Look at what it is; where nobody needs it, remove it and run this again. --browser chooses other browsers alone."},
	installer.Outside:    {"自分で置いたリンクなら、環境変数XDG_CONFIG_HOMEなどにリンク先を設定して、もう一度実行してください。変数のないフォルダー（~/.mozillaなど）なら、リンクをやめて元のフォルダーに戻してください。心当たりがなければ、取り除いてください。", "If you made this link, set XDG_CONFIG_HOME or the like to where it leads, and run this again; where there is no such variable, as for ~/.mozilla, put the folder itself back in its place. If you do not know it, remove it."},
	installer.Unfollowed: {"自分で置いたリンクなら、相対パスのリンクに置きかえて（ln -s ../などで始まるもの）、もう一度実行してください。心当たりがなければ、取り除いてください。", "If you made this link, put a relative one in its place (ln -s ../ and so on), and run this again. If you do not know it, remove it."},
	installer.Damaged:    {"環境変数XDG_CONFIG_HOMEなどを設定して登録したなら、同じ設定で、もう一度実行してください。そうでなければ、この記録を取り除いてから「natsuin install」を実行してください。", "If XDG_CONFIG_HOME or the like was set when you registered, set it again and run this once more. Otherwise remove this record and run natsuin install again."},
}

var (
	permissionRemedy   = text{"権限を確かめてください。全員のための登録（--system）には、管理者の権限が必要です（Linux・macOSではsudo）。", "Look at its permissions. A registration for everybody (--system) takes an administrator's rights (sudo on Linux and macOS)."}
	writeRemedy        = text{"ディスクの空きと権限を確かめて、もう一度実行してください。", "Look at the space left on the disk and at the permissions, and run this again."}
	unknownBrowserText = text{"「%s」というブラウザーはありません。次のどれかを指定してください: %s", "cannot be “%s”: it is one of %s"}
	notHereText        = text{"%sは、このOSにはないブラウザーです。", "cannot be %s: there is no such browser on this operating system"}
	noRootText         = text{"「%s」というフォルダーがありません。", "There is no folder %s."}
	noRootRemedy       = text{"先にフォルダーを作るか、--rootに指定したパスを確かめて、もう一度実行してください。", "Make the folder first, or look at the path given with --root, and run this again."}
	noRootHomeRemedy   = text{"--rootに--userを付けると、その下のホームフォルダーに登録します。先にそのフォルダーを作るか、--userを付けずに実行してください。", "With --user, --root registers in the home folder below it. Make that folder first, or leave out --user."}
	forWhomText        = text{"sudoなどで実行するときは、全員のために登録する--systemか、root自身のために登録する--userを指定してください（uninstallも同様です）。自分のためなら、sudoを付けずに実行してください。", "or --system must be given with sudo and the like: --system is for everybody, --user for root alone. For yourself, run this without sudo"}
	notOwnHomeText     = text{"ホームフォルダー「%s」は、ほかのユーザーのものです。そのユーザーとして実行してください。", "is not for the home of another user, %s: run this as that user"}
	looseProgramText   = text{"プログラム「%[1]s」は、管理者以外が書きかえられる場所にあります（%[2]s）。全員のために登録すると、その人がほかの人の権限で何でも実行できることになります。", "The program %[1]s is where others than administrators can change it (%[2]s). Registered for everybody, it would let them run anything as anybody else."}
	looseProgramRemedy = text{"かっこの中に示した場所をrootのものにして、ほかのだれにも書けないようにするか（sudo chown root、sudo chmod go-w）、パッケージでインストールするか、--systemを付けずに一人ずつ登録してください。何も変えていません。", "Let the place named in brackets belong to root, and nobody else write to it (sudo chown root, sudo chmod go-w); or install the package; or register without --system, each for themselves. Nothing was changed."}
	looseWarningText   = text{"警告: プログラム「%[1]s」は登録しましたが、管理者以外が書きかえられる場所にあります（%[2]s）。書きかえた人は、ほかの人の権限で何でも実行できます。管理者だけが書ける場所に移して、もう一度登録してください。", "Warning: the program %[1]s was registered all the same, but is where others than administrators can change it (%[2]s). Whoever does can run anything as anybody else. Move it to where administrators alone can write, and register it again."}
	voidSettingsText   = text{"管理者の設定が使えません: %[1]s。そこに書かれた拡張機能のID（extensionIds）がわからないので、登録できません。何も変えていません。", "The administrator's settings do not hold: %[2]s. Which ids of the extension they name is not known, so that nothing can be registered for everybody. Nothing was changed."}
	voidSettingsRemedy = text{"このファイルを直すか、いらなければ取り除いて、もう一度実行してください（docs/administrators.ja.md）。", "Put this file right, or remove it where nobody needs it, and run this again (docs/administrators.md)."}
	voidWarningText    = text{"警告: 管理者の設定が使えません: %s。そこに書かれた拡張機能のID（extensionIds）は、登録に入っていません。", "Warning: the administrator's settings do not hold: %s. The ids of the extension that they name are not in the registration."}
	noProgramText      = text{"「%s」がないか、実行できるファイルではないので、登録できません。何も変えていません。", "%s is not there, or is no file that can be executed, so it cannot be registered. Nothing was changed."}
	noProgramRemedy    = text{"--programに指定したパスと、ファイルの権限を確かめてください。パッケージを作るときは、--rootも指定してください。", "Look at the path given with --program, and at the file's permissions. To make a package, give --root as well."}
	notUTF8Text        = text{"プログラムまたは登録先のパスにUTF-8でない文字があり、登録に書けません。何も変えていません。", "The path of the program or of the folder to register in is not UTF-8, and no registration can hold it. Nothing was changed."}
	notUTF8Remedy      = text{"フォルダーの名前をUTF-8の文字に直して、もう一度実行してください。", "Give the folder a name in UTF-8, and run this again."}
	oneFolderText      = text{"Firefox系とChromium系のブラウザーの登録先が、リンクで一つのフォルダーになっています。必要な内容が違うため、両方は登録できません。何も変えていません。", "A link makes one folder of those in which browsers like Firefox and browsers like Chromium look. They need different contents, so that both cannot be registered. Nothing was changed."}
	oneFolderRemedy    = text{"リンクを取り除くか、--browserでどちらかだけを選んでください。", "Remove the link, or choose one of them with --browser."}
	noHomeText         = text{"ホームフォルダーがわかりません。", "The home folder is not known."}
	noHomeRemedy       = text{"環境変数HOMEに設定して、もう一度実行してください。", "Set HOME to it, and run this again."}
)

// registerRemedy says what to do about a failure to register.
func registerRemedy(e *protocol.Error) text {
	var u *usage
	switch {
	case errors.As(e, &u) && u.remedy != (text{}):
		return u.remedy
	case errors.Is(e, fs.ErrPermission):
		return permissionRemedy
	}
	return writeRemedy
}

// What list says. The verbs are the browser, its name for --browser, its path; the scope, the place, the program.
var (
	foundBrowserText   = text{"%s（%s）: %s", "%s (%s): %s"}
	notFoundText       = text{"%s（%s）: 見つかりません", "%s (%s): not found"}
	notRegisteredText  = text{"登録されていません", "not registered"}
	packagingTexts     = map[installer.Packaging]text{installer.Snap: {"（snap）", " (snap)"}, installer.Flatpak: {"（flatpak）", " (flatpak)"}}
	registeredForTexts = map[installer.Scope]text{installer.User: {"本人", "this person"}, installer.System: {"全員", "everybody"}}
	stateTexts         = map[installer.State]text{
		installer.Registered:    {"登録済み（%s）: %s → %s", "registered (%s): %s → %s"},
		installer.Dangling:      {"登録先のプログラムがありません（%s）: %s → %s", "registered, but the program is not there (%s): %s → %s"},
		installer.Broken:        {"ブラウザーが読めない登録です（%[1]s）: %[2]s", "registered in a way that browsers do not take (%[1]s): %[2]s"},
		installer.SomebodyElses: {"Natsuinではないプログラムの登録です（%s）: %s → %s", "registered to a program that is not Natsuin (%s): %s → %s"},
	}
	authorTexts = map[installer.Author]text{
		installer.ByInstaller: {"（natsuin installによる）", ", by natsuin install"},
		installer.ByPackage:   {"（パッケージなどによる）", ", by a package or the like"},
		installer.ByOthers:    {"（ほかのプログラムによる）", ", by something else"},
	}
)
