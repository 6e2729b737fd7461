package main

import (
	"io/fs"
	"os"
)

// linuxArchives makes what a person without rights installs: the program with a script beside it.
func linuxArchives(d *dist) error {
	for _, p := range d.linuxPlatforms() {
		program, err := d.linuxProgram(p)
		if err != nil {
			return err
		}
		third, err := d.licenceTexts()
		if err != nil {
			return err
		}
		members := []member{{"THIRD-PARTY-LICENSES", 0o644, third}}
		for _, f := range []struct {
			name, path string
			mode       fs.FileMode
		}{
			{"natsuin", program, 0o755},
			{"install.sh", d.file("installer/packages/linux/install.sh"), 0o755},
			{"README.txt", d.file("installer/packages/linux/README.txt"), 0o644},
			{"LICENSE", d.file("LICENSE"), 0o644},
			{"NOTICE", d.file("NOTICE"), 0o644},
		} {
			content, err := os.ReadFile(f.path)
			if err != nil {
				return err
			}
			members = append(members, member{f.name, f.mode, content})
		}
		name := "natsuin-" + d.number + "-" + p.String()
		archive, err := tarred(below(name, members), d.epoch)
		if err != nil {
			return err
		}
		if err := d.publish(name+".tar.gz", archive); err != nil {
			return err
		}
	}
	return nil
}
