package settings

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// filePath is where the settings are. The environment, which anybody can change for a program that they start, has no say.
func filePath() string {
	folder, err := windows.KnownFolderPath(windows.FOLDERID_ProgramData, windows.KF_FLAG_DEFAULT)
	if err != nil {
		folder = `C:\ProgramData`
	}
	return filepath.Join(folder, "Natsuin", "settings.json")
}

var errLink = errors.New("a link")

// guard makes sure that nobody but administrators can change what is at a path, or put something else there: so it must be
// with the file and with every folder above it, and none of them a link: where it leads is not looked at. A path on another
// machine is guarded as far as the share's root. Windows lets everybody make folders in a disk's root, so that allClosed is
// as open is, but that a link is a place that others may change. It returns the path. The error is a *looseError, or the
// system's.
func (m machine) guard(path string, closed closure) (end string, err error) {
	for at, here := filepath.Clean(m.disk(path)), closed; ; at, here = filepath.Dir(at), open {
		info, err := os.Lstat(at)
		if err != nil {
			return "", err
		}
		switch link := info.Mode()&(fs.ModeSymlink|fs.ModeIrregular) != 0; {
		case link && closed == allClosed:
			return "", &looseError{at}
		case link:
			return "", &fs.PathError{Op: "open", Path: at, Err: errLink}
		}
		list, err := accessOf(at)
		if err != nil {
			return "", err
		}
		if list.isLoose(info.IsDir(), here == lastClosed) {
			return "", &looseError{at}
		}
		if filepath.Dir(at) == at {
			return path, nil
		}
	}
}

// accessOf reads who owns a file or a folder, and to whom it grants what.
func accessOf(path string) (list accessList, err error) {
	d, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION|windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return list, err
	}
	owner, _, err := d.Owner()
	if err != nil {
		return list, err
	}
	list.owner = owner.String()
	acl, _, err := d.DACL()
	if errors.Is(err, windows.ERROR_OBJECT_NOT_FOUND) || err == nil && acl == nil { // no list: everything is granted to everybody
		list.grants = []grant{{mask: genericAll}}
		return list, nil
	}
	if err != nil {
		return list, err
	}
	for n := range uint32(acl.AceCount) {
		var ace *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(acl, n, &ace); err != nil {
			return list, err
		}
		switch {
		case ace.Header.AceFlags&windows.INHERIT_ONLY_ACE != 0, ace.Header.AceType == windows.ACCESS_DENIED_ACE_TYPE:
		case ace.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE:
			sid := (*windows.SID)(unsafe.Pointer(&ace.SidStart))
			list.grants = append(list.grants, grant{sid.String(), uint32(ace.Mask)})
		default: // a condition, or a kind to come: nobody is known to be meant
			list.grants = append(list.grants, grant{mask: uint32(ace.Mask)})
		}
	}
	return list, nil
}
