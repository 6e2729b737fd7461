package doctor

import (
	"runtime"
	"strings"
)

// checkProgram names what was asked and where: the first question about every report.
func checkProgram(s System) []Check {
	checks := []Check{{
		ID: "program", Verdict: Info,
		Title: say("Natsuinとこのパソコン", "Natsuin and this machine"),
		Evidence: say("natsuin %[1]s（プロトコル%[2]d、%[3]s）、%[4]s、%[5]s", "natsuin %[1]s (protocol %[2]d, %[3]s), %[4]s, %[5]s",
			s.Version, s.Protocol, s.Build, s.distribution(), filePath(s.Program)),
	}}
	if s.Home == "" {
		checks = append(checks, Check{ID: "home", Verdict: Warning, Cause: "home-unknown", Title: say("ホームフォルダー", "Home folder"),
			Evidence: say("環境変数HOMEがなく、システムの利用者の一覧にもありません。個人の登録と拡張機能は調べられません",
				"HOME is not set, and the system's list of users has none: registrations and extensions of this person cannot be looked at"),
			Remedy: say("HOMEにホームフォルダーを設定して、もう一度調べてください。", "Set HOME to the home folder and look again.")})
	}
	return checks
}

// distribution is the operating system's name: what os-release(5) calls PRETTY_NAME, on Linux.
func (s System) distribution() string {
	text, err := s.read("/etc/os-release", maxFile)
	if s.OS != "linux" || err != nil {
		return s.OS + "/" + runtime.GOARCH
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(strings.TrimSpace(line), "PRETTY_NAME="); ok {
			return strings.Trim(name, `"'`)
		}
	}
	return s.OS
}
