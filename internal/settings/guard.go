package settings

import "slices"

// A closure says in which folders on the way others may not even make files of their own: where a folder has the sticky bit,
// and on Windows wherever the folder allows no more, they cannot touch what is there.
type closure int

const (
	open       closure = iota // in none: what is there is meant
	lastClosed                // in the one at which the path ends: all that is in it is meant
	allClosed                 // in all: what leads there stays when the file is gone, and whoever puts another in its place is meant
)

// What may be done to a file or a folder on Windows, as access masks say it (winnt.h, "File Access Rights Constants").
const (
	writeData   = 0x2        // of a folder: make files in it
	appendData  = 0x4        // of a folder: make folders in it
	deleteChild = 0x40       // of a folder: remove what is in it, whoever made that
	deleteIt    = 0x10000    // also: give it another name
	writeDAC    = 0x40000    // say who may do what
	writeOwner  = 0x80000    // take it
	genericAll  = 0x10000000 // everything
	genericW    = 0x40000000 // everything that changes it
)

// administrators are those who may change anything on Windows anyway, by their security identifiers (Microsoft, "Well-known
// SIDs"): SYSTEM, the group of administrators, and TrustedInstaller, which owns the system's own files.
var administrators = []string{"S-1-5-18", "S-1-5-32-544", "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"}

// An access list is what Windows says of who may change a file or a folder.
type accessList struct {
	owner  string // a security identifier
	grants []grant
}

// A grant lets somebody do something.
type grant struct {
	sid  string
	mask uint32
}

// isLoose says whether others than administrators can change a file, or put something else in the place of what is in a
// folder. In a folder that is not closed they may make files of their own.
func (a accessList) isLoose(folder, closed bool) bool {
	forbidden := uint32(deleteIt | writeDAC | writeOwner | genericAll | genericW | deleteChild)
	if !folder || closed {
		forbidden |= writeData | appendData
	}
	return !slices.Contains(administrators, a.owner) || slices.ContainsFunc(a.grants, func(g grant) bool {
		return g.mask&forbidden != 0 && !slices.Contains(administrators, g.sid)
	})
}
