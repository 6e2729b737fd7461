package main

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/natsuin/natsuin/internal/printable"
	"github.com/natsuin/natsuin/internal/protocol"
)

// What is told of documents to be signed, and of those that were.
var (
	pagesText = text{"ページ数: %d", "Pages: %d"}
	sealText  = text{"印影を付けるページ: %d", "Seal on page: %d"}
	alongText = text{"一緒に署名: %s %x  %q", "Signed along: %s %x  %q"}
	listText  = text{"文書の確認用ダイジェスト（SHA-256、暗証番号の画面と同じもの）:", "Digest of the documents (SHA-256, the same as where the PIN is typed):"}

	signedText     = text{"署名しました: %s", "Signed: %s"}
	madeFolderText = text{"フォルダーを作りました: %s", "Made the folder: %s"}
)

// tooLateText is for what may be found out only when the signature is written: with a PIN that was used.
var tooLateText = text{"この文書に署名しませんでした。", "This document was not signed."}

// What is wrong with a file, by its path, and what helps.
var (
	existsText    = text{"「%s」はすでにあります。", "%s is there already."}
	forceText     = text{"別の名前にするか、置き換えてよければ--forceを付けてください。", "Choose another name, or add --force if it may be replaced."}
	folderText    = text{"「%s」はフォルダーです。", "%s is a folder."}
	notFileText   = text{"「%s」は普通のファイルではありません。", "%s is not a regular file."}
	otherFileText = text{"フォルダーや特別なファイルではなく、普通のファイルを指定してください。", "Give a regular file: not a folder, a pipe or a device."}
	pathText      = text{"名前と場所を確かめてください。", "Look at the name and at the place."}
	settledText   = text{"管理者の設定にあるフォルダー「%s」から、ルート証明書を読み取れません。", "No roots can be read from %s, which the administrator's settings name."}
	settledHelp   = text{"「natsuin doctor」の結果を管理者に伝えてください。", "Show the administrator what natsuin doctor says."}
	roomText      = text{"書き込める、空きのある場所を指定してください。", "Choose a place that can be written to and has room."}
)

// fileTexts say why an operating system does not read or write a file, and what helps. The verb is its path.
var fileTexts = []struct {
	cause error
	reasonText
}{
	{fs.ErrNotExist, reasonText{text{"「%s」がありません。", "%s is not there."}, pathText}},
	{fs.ErrPermission, reasonText{text{"「%s」を読み書きする権限がありません。", "You may not read or write %s."},
		text{"そのファイルとフォルダーの権限を確かめるか、権限のある場所を指定してください。", "Look at the permissions of the file and its folder, or choose another place."}}},
	{fs.ErrExist, reasonText{existsText, forceText}},
	{syscall.EISDIR, reasonText{folderText, otherFileText}},
	{syscall.ENOTDIR, reasonText{text{"「%s」の途中がフォルダーではありません。", "A part of %s is not a folder."}, pathText}},
	{syscall.ENOSPC, reasonText{text{"「%s」を書く空き容量がありません。", "There is no space left for %s."}, roomText}},
	{syscall.EROFS, reasonText{text{"「%s」は書き込みできない場所です。", "%s cannot be written to: its place is read-only."}, roomText}},
	{syscall.ENAMETOOLONG, reasonText{text{"「%s」は名前が長すぎます。", "The name %s is too long."}, text{"短い名前にしてください。", "Choose a shorter name."}}},
}

// fileTrouble returns the path of the file that the operating system does not read or write, and what it says, nil where
// it is something else.
func fileTrouble(err error) (path string, told *reasonText) {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		path = p.Path
	case errors.As(err, &l):
		path = l.New
	default:
		return "", nil
	}
	for i := range fileTexts {
		if errors.Is(err, fileTexts[i].cause) {
			return path, &fileTexts[i].reasonText
		}
	}
	return path, nil
}

// troubleWith says what is wrong with a file, in the citizen's words; "" where there are none.
func (c *commandLine) troubleWith(e *protocol.Error) string {
	var u *usage
	if errors.As(e, &u) {
		return printable.Text(u.in(c.lang))
	}
	if path, told := fileTrouble(e); told != nil {
		return printable.Text((&usage{text: told.message, args: []any{path}}).in(c.lang))
	}
	return ""
}

// fileRemedy says what helps with a file that is not read or written.
func fileRemedy(e *protocol.Error) text {
	var u *usage
	if errors.As(e, &u) && u.remedy != (text{}) {
		return u.remedy
	}
	if _, told := fileTrouble(e); told != nil {
		return told.remedy
	}
	return errorTexts[protocol.FileFailed].remedy
}
