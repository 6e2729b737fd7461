package main

import (
	"debug/elf"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const pcscLibrary = "libpcsclite.so.1"

// compilers are those of C, by what they compile for.
var compilers = map[string]string{"amd64": "x86_64-linux-gnu-gcc", "arm64": "aarch64-linux-gnu-gcc"}

// crossTools lets Go compile for another architecture: an environment, and flags for the linker. The PC/SC library of another architecture
// cannot be installed beside this one's without changing the machine, and is not needed: its headers are the same, and the
// linker only wants to know the names that it has. It is given a library with those of this machine's and nothing in them.
//
// The compiler keeps what pkg-config says for later runs. Where the library is must therefore be said to the linker alone.
func (d *dist) crossTools(arch string) (env []string, flags string, err error) {
	folder := filepath.Join(d.work, "cross")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, "", err
	}
	headers, err := d.tell("pkg-config", "--cflags", "libpcsclite")
	if err != nil {
		return nil, "", err
	}
	directory, err := d.tell("pkg-config", "--variable=libdir", "libpcsclite")
	if err != nil {
		return nil, "", err
	}
	library, err := elf.Open(filepath.Join(directory, pcscLibrary))
	if err != nil {
		return nil, "", err
	}
	defer library.Close()
	symbols, err := library.DynamicSymbols()
	if err != nil {
		return nil, "", err
	}
	source := filepath.Join(folder, "pcsclite.s")
	if err := os.WriteFile(source, []byte(hollow(symbols)), 0o644); err != nil {
		return nil, "", err
	}
	err = d.run(folder, nil, compilers[arch], "-shared", "-nostdlib", "-Wl,-soname,"+pcscLibrary, "-o", "libpcsclite.so", source)
	if err != nil {
		return nil, "", err
	}
	config := fmt.Sprintf("Name: libpcsclite\nDescription: PC/SC\nVersion: 1\nCflags: %s\nLibs: -lpcsclite\n", headers)
	err = os.WriteFile(filepath.Join(folder, "libpcsclite.pc"), []byte(config), 0o644)
	return []string{"CC=" + compilers[arch], "PKG_CONFIG_PATH=" + folder, "PKG_CONFIG_LIBDIR=" + folder}, " -L" + folder, err
}

// hollow writes, for the assembler, a library's symbols with their kinds and sizes.
func hollow(symbols []elf.Symbol) string {
	var b strings.Builder
	for _, s := range symbols {
		if s.Section == elf.SHN_UNDEF || elf.ST_BIND(s.Info) != elf.STB_GLOBAL {
			continue
		}
		section, kind, size := ".text", "%function", uint64(4)
		if elf.ST_TYPE(s.Info) == elf.STT_OBJECT {
			section, kind, size = ".data", "%object", s.Size
		}
		fmt.Fprintf(&b, "%s\n.global %s\n.type %s, %s\n.size %s, %d\n%s:\n.skip %d\n", section, s.Name, s.Name, kind, s.Name, size, s.Name, size)
	}
	return b.String()
}
