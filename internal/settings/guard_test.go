package settings

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Access lists as Windows makes them: of a file that an administrator put into %ProgramData%\Natsuin, and of others.
func TestAccessLists(t *testing.T) {
	const (
		admins, system, users = "S-1-5-32-544", "S-1-5-18", "S-1-5-32-545"
		person                = "S-1-5-21-1-2-3-1001"
		full, readAndExecute  = 0x1f01ff, 0x1200a9
		makeFilesAndFolders   = 0x2 | 0x4 | 0x10 | 0x100 // what ProgramData grants to everybody on folders below it
	)
	inherited := []grant{{system, full}, {admins, full}, {users, readAndExecute}}
	for name, c := range map[string]struct {
		list           accessList
		folder, closed bool
		loose          bool
	}{
		"an administrator's file":              {accessList{admins, inherited}, false, false, false},
		"an administrator's folder":            {accessList{admins, append(inherited, grant{users, makeFilesAndFolders})}, true, false, false},
		"the same, closed":                     {accessList{admins, append(inherited, grant{users, makeFilesAndFolders})}, true, true, true},
		"a closed one":                         {accessList{admins, inherited}, true, true, false},
		"a person's file":                      {accessList{person, inherited}, false, false, true},
		"a person's folder":                    {accessList{person, inherited}, true, false, true},
		"a file that everybody changes":        {accessList{admins, append(inherited, grant{users, 0x1301bf})}, false, false, true},
		"a file that is appended to":           {accessList{admins, append(inherited, grant{users, appendData})}, false, false, true},
		"a folder out of which all is removed": {accessList{system, append(inherited, grant{users, deleteChild})}, true, false, true},
		"a folder that gets another name":      {accessList{system, append(inherited, grant{person, deleteIt})}, true, false, true},
		"a list that others write":             {accessList{system, append(inherited, grant{person, writeDAC})}, true, false, true},
		"what others take":                     {accessList{system, append(inherited, grant{person, writeOwner})}, false, false, true},
		"no list":                              {accessList{system, []grant{{"", genericAll}}}, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.loose, c.list.isLoose(c.folder, c.closed))
		})
	}
}
