// Command fakepinentry is a pinentry whose human is a script: it speaks the Assuan protocol on standard
// input and output as GnuPG's pinentry does, and shows nothing.
//
// A host gives its pinentry next to no environment, so the script stands beside the program: copy the
// program into an empty folder under a pinentry's name (a link would not do), and put that folder into
// PATH. In the folder:
//
//	answers   one line for each GETPIN, used one after the other:
//	          "pin 1234", "cancel", "timeout", "wait" (until killed), "crash"
//	cursor    how many lines are used up; absent at first
//	log       what the host sent, a line each, and "# " with the kind of answer; never a PIN
//
// Without an answer left, a question is cancelled and the log says so.
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Answers as pinentry 1.2.1 gives them.
const (
	cancelled = "ERR 83886179 Operation cancelled <Pinentry>"
	timedOut  = "ERR 83886142 Timeout <Pinentry>"
)

func main() {
	program, err := os.Executable()
	if err == nil {
		err = serve(filepath.Dir(program), os.Stdin, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "fakepinentry:", err)
		os.Exit(1)
	}
}

// serve answers the host's lines until BYE or the end of the stream.
func serve(dir string, in io.Reader, out io.Writer) error {
	log, err := os.OpenFile(filepath.Join(dir, "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	fmt.Fprintln(out, "OK Pleased to meet you")
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		line := lines.Text()
		fmt.Fprintln(log, line)
		switch {
		case line == "BYE":
			fmt.Fprintln(out, "OK closing connection")
			return nil
		case line == "GETINFO flavor":
			fmt.Fprint(out, "D fake\nOK\n")
		case line == "GETPIN":
			answer, err := next(dir)
			if err != nil {
				return err
			}
			kind, value, _ := strings.Cut(answer, " ")
			fmt.Fprintln(log, "#", kind)
			if err := give(out, kind, value); err != nil {
				return err
			}
		default:
			fmt.Fprintln(out, "OK")
		}
	}
	return lines.Err()
}

// give sends one answer of the script.
func give(out io.Writer, kind, value string) error {
	switch kind {
	case "pin":
		fmt.Fprintf(out, "D %s\nOK\n", strings.ReplaceAll(value, "%", "%25"))
	case "cancel", "nothing-left":
		fmt.Fprintln(out, cancelled)
	case "timeout":
		fmt.Fprintln(out, timedOut)
	case "wait":
		for {
			time.Sleep(time.Hour)
		}
	case "crash":
		os.Exit(3)
	default:
		return fmt.Errorf("no answer of the kind %q", kind)
	}
	return nil
}

// next takes one line from the script.
func next(dir string) (string, error) {
	cursor := filepath.Join(dir, "cursor")
	used := 0
	count, err := os.ReadFile(cursor)
	if err == nil {
		used, err = strconv.Atoi(strings.TrimSpace(string(count)))
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	script, err := os.ReadFile(filepath.Join(dir, "answers"))
	if err != nil {
		return "", err
	}
	answers := strings.Split(strings.TrimRight(string(script), "\n"), "\n")
	if used >= len(answers) {
		return "nothing-left", nil
	}
	return answers[used], os.WriteFile(cursor, []byte(strconv.Itoa(used+1)), 0o600)
}
