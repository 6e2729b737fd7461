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

// fileTexts say why an operating system does not read or write a file. The verb is its path.
var fileTexts = []struct {
	cause error
	text
}{
	{fs.ErrNotExist, text{"「%s」がありません。", "%s is not there."}},
	{fs.ErrPermission, text{"「%s」を読み書きする権限がありません。", "You may not read or write %s."}},
	{fs.ErrExist, existsText},
	{syscall.EISDIR, folderText},
	{syscall.ENOTDIR, text{"「%s」の途中がフォルダーではありません。", "A part of %s is not a folder."}},
	{syscall.ENOSPC, text{"「%s」を書く空き容量がありません。", "There is no space left for %s."}},
	{syscall.EROFS, text{"「%s」は書き込みできない場所です。", "%s cannot be written to: its place is read-only."}},
	{syscall.ENAMETOOLONG, text{"「%s」は名前が長すぎます。", "The name %s is too long."}},
}

// troubleWith says what is wrong with a file, in the citizen's words; "" where there are none.
func (c *commandLine) troubleWith(e *protocol.Error) string {
	var u *usage
	if errors.As(e, &u) {
		return printable.Text(u.in(c.lang))
	}
	var path string
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(e, &p):
		path = p.Path
	case errors.As(e, &l):
		path = l.New
	default:
		return ""
	}
	for _, t := range fileTexts {
		if errors.Is(e, t.cause) {
			return printable.Text((&usage{t.text, []any{path}}).in(c.lang))
		}
	}
	return ""
}
