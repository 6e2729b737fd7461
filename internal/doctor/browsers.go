package doctor

import (
	"slices"

	"github.com/natsuin/natsuin/installer"
	"github.com/natsuin/natsuin/manifests"
)

// systems are those of the installer's table.
var systems = []string{"linux", "darwin", "windows"}

// machine is the system as the installer sees it.
func (s System) machine() installer.Machine {
	return installer.Machine{OS: s.OS, Root: s.Root, Home: s.Home, Env: s.Env, Registry: s.Registry, ExtensionIDs: s.Settings.ExtensionIDs}
}

// ids are those of the extension in a family of browsers, with an administrator's own.
func (s System) ids(f manifests.Family) []string {
	return manifests.IDs(f, s.Settings.ExtensionIDs[f]...)
}

// browsers lists the installed browsers of the installer's table: one entry for each packaging.
func (s System) browsers() []installer.Found { return s.machine().Find() }

// checkBrowsers lists the browsers, and says which cannot start the host.
func checkBrowsers(s System) []Check {
	if !slices.Contains(systems, s.OS) {
		return []Check{{ID: "browsers", Verdict: Unknown, Title: say("ブラウザー", "Browsers"),
			Evidence: say("このOSのブラウザーには登録できません", "this version does not register with browsers on this operating system")}}
	}
	found := s.browsers()
	usable := slices.ContainsFunc(found, func(f installer.Found) bool { return f.Reach.StartsHosts() })
	var checks []Check
	for _, f := range found {
		checks = append(checks, checkBrowser(f, usable))
	}
	if len(found) == 0 {
		checks = append(checks, Check{ID: "browsers", Verdict: Failure, Cause: "no-browser", Title: say("ブラウザー", "Browsers"),
			Evidence: say("Chrome、Edge、Firefoxなど、Natsuinが使えるブラウザーが見つかりません", "neither Chrome nor Edge, Firefox or another browser that Natsuin works with was found"),
			Remedy:   say("どれかをインストールしてください。コマンドラインだけを使うなら、このままでかまいません。", "Install one of them. For the command line alone none is needed.")})
	}
	return checks
}

// checkBrowser says whether a browser is packaged in a way that lets it start the host.
func checkBrowser(f installer.Found, usable bool) Check {
	c := Check{ID: "browser", Verdict: Info, Title: same(f.Title)}
	switch f.Reach {
	case installer.Direct:
		c.Verdict, c.Evidence = OK, same(filePath(f.Path))
		return c
	case installer.Portal:
		c.Cause = "snap-portal"
		c.Evidence = say("%s（snap）。Natsuinの起動はデスクトップのポータルが仲介します", "%s (snap). The desktop's portal starts Natsuin for it", filePath(f.Path))
		c.Remedy = say("初めて使うときに出る「拡張機能がNatsuinを起動してよいか」の問いに「許可」と答えてください。xdg-desktop-portalが動いている必要があります。",
			"Allow it when the desktop asks whether the extension may start Natsuin, the first time. xdg-desktop-portal must be running.")
		return c
	case installer.Proxy:
		c.Cause = "flatpak-proxy"
		c.Evidence = say("%s（flatpak）。Natsuinの起動はxdg-native-messaging-proxyが仲介します", "%s (flatpak). xdg-native-messaging-proxy starts Natsuin for it", filePath(f.Path))
		c.Remedy = say("バージョン157以降が必要です。about:configのwidget.use-xdg-desktop-portal.native-messaging-proxyを1にしてください。",
			"Version 157 or later is needed. Set widget.use-xdg-desktop-portal.native-messaging-proxy to 1 in about:config.")
		return c
	}
	c.Verdict, c.Cause = Failure, string(f.Packaging)
	if usable {
		c.Verdict = Warning
	}
	c.Evidence = say("%[1]s（%[2]s）。囲いの中で動くため、外のプログラムであるNatsuinを起動できません", "%[1]s (%[2]s). It is confined and cannot start a program outside, such as Natsuin", filePath(f.Path), string(f.Packaging))
	c.Remedy = say("deb・rpmなどの通常のパッケージのブラウザーを使ってください。", "Use a browser from an ordinary package (deb, rpm).")
	switch f.Reach {
	case installer.NoProxy:
		c.Remedy = say("通常のパッケージのFirefoxを使うか、バージョン157以降でxdg-native-messaging-proxyを入れて、「natsuin install」を実行してください。",
			"Use Firefox from an ordinary package; or, from version 157 on, install xdg-native-messaging-proxy and run natsuin install.")
	case installer.ProxyForbidden:
		c.Cause = "flatpak-forbidden"
		c.Evidence = say("%s（flatpak）。xdg-native-messaging-proxyの使用が許されていません", "%s (flatpak). It may not use xdg-native-messaging-proxy", filePath(f.Path))
		c.Remedy = say("「natsuin install」を実行し、そこで案内される設定をしてください。", "Run natsuin install, and do what it says.")
	}
	return c
}
