package doctor

import (
	"runtime"
	"strings"
)

// checkProgram names what was asked and where: the first question about every report.
func checkProgram(s System) []Check {
	return []Check{{
		ID: "program", Verdict: Info,
		Title: say("Natsuinとこのパソコン", "Natsuin and this machine"),
		Evidence: say("natsuin %[1]s（プロトコル%[2]d、%[3]s）、%[4]s、%[5]s", "natsuin %[1]s (protocol %[2]d, %[3]s), %[4]s, %[5]s",
			s.Version, s.Protocol, s.Build, s.distribution(), s.Program),
	}}
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
