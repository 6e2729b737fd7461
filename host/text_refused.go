package main

import "github.com/natsuin/natsuin/internal/protocol"

// refusalTexts say why a document is not signed, and what helps. The extension has the same for pages in its _locales.
var refusalTexts = map[protocol.Refusal]struct{ message, remedy text }{
	protocol.Empty: {text{"ファイルが空です。", "The file is empty."},
		text{"内容のあるファイルを選んでください。", "Choose a file with something in it."}},
	protocol.Changed: {text{"読んでいる間に、ファイルが変わりました。", "The file changed while it was read."},
		text{"ほかのプログラムで閉じてから、もう一度署名してください。", "Close it in other programs, and sign again."}},
	protocol.TooLarge: {text{"文書が大きすぎるか、部分や署名が多すぎます。", "The document is too large, or has too many parts or signatures."},
		text{"小さく分けて署名するか、CMSの分離署名を使ってください。", "Split it up, or sign it with a detached CMS signature."}},

	protocol.NotPDF: {text{"PDFではありません。", "It is not a PDF."},
		text{"PDFのファイルを選んでください。", "Choose a PDF."}},
	protocol.Broken: {text{"PDFが壊れています。", "The PDF is broken."},
		text{"作ったソフトで、PDFとして保存しなおしてください。", "Save it as a PDF again with the program that made it."}},
	protocol.TooManyRevisions: {text{"PDFの改訂が多すぎます。", "The PDF has too many revisions."},
		text{"作ったソフトで、新しいPDFとして保存しなおしてください。", "Save it as a new PDF with the program that made it."}},
	protocol.Encrypted: {text{"PDFが暗号化されています。", "The PDF is encrypted."},
		text{"パスワードや権限の制限を外して保存したPDFに署名してください。", "Save it without a password and without restrictions, and sign that."}},
	protocol.Certified: {text{"このPDFは、前の署名（証明）で変更が禁止されているため、署名を加えられません。", "The PDF was certified by an earlier signature that forbids this one."},
		text{"証明した人に、署名を許可したPDFを作ってもらってください。印影を付けずに署名できることもあります。", "Have its author certify a copy that allows signatures. Without a visible seal it may work."}},
	protocol.Locked: {text{"前の署名がPDFの項目をロックしているため、署名を加えられません。", "An earlier signature locks the fields of the PDF."},
		text{"前に署名した人に、ロックしないで署名しなおしてもらってください。", "Have the earlier signer sign again without the lock."}},
	protocol.XFA: {text{"XFA形式のフォームには署名できません。", "A form in the XFA format is not signed."},
		text{"印刷用のPDF（普通のPDF）として保存し、それに署名してください。", "Save or print it as a plain PDF, and sign that."}},

	protocol.NoPage: {text{"指定されたページがPDFにありません。", "The PDF has no such page."},
		text{"ページの番号を確かめてください。", "Look at the number of the page."}},
	protocol.BadSeal: {text{"印影を付けられません。位置や大きさがページに合わないか、画像を読み取れません。", "The seal cannot be drawn: it does not fit onto the page, or its picture cannot be read."},
		text{"位置と大きさを確かめ、画像は縦横1024ピクセルまでのPNGにしてください。", "Look at its place and size; a picture must be a PNG of 1024 pixels each way at most."}},
	protocol.NoFont: {text{"印影の文字を描けるフォントが、このパソコンにありません。", "This computer has no font with the characters of the seal."},
		text{"日本語のフォントをインストールするか、文字の代わりに画像（PNG）を使ってください。", "Install a Japanese font, or use a picture (PNG) instead of text."}},

	protocol.NotXML: {text{"正しいXMLではないか、UTF-8ではありません。", "It is not well-formed XML in UTF-8."},
		text{"作ったソフトで、UTF-8のXMLとして保存しなおしてください。", "Save it as XML in UTF-8 with the program that made it."}},
	protocol.Doctype: {text{"文書型宣言（DOCTYPE）のあるXMLには署名できません。", "XML with a document type declaration (DOCTYPE) is not signed."},
		text{"DOCTYPEのないXMLにしてください。", "Take the DOCTYPE out."}},
	protocol.NoPlace: {text{"この形式で署名する場所が、XMLの中にありません。", "The XML has no place for a signature of this profile."},
		text{"提出先の形式のXMLか、プロファイルの指定が正しいかを確かめてください。", "Make sure that it is the XML of that service, and that the profile is right."}},
	protocol.BadID: {text{"署名する要素のidが、XMLに1つだけあるとは言えません。", "The id of an element to sign is not there, or not there once."},
		text{"idを確かめ、同じidを2回使わないXMLにしてください。", "Look at the id, and let no two elements have the same."}},
	protocol.BreaksSignature: {text{"署名を加えると、すでにある署名が無効になります。", "One more signature would break one that is there already."},
		text{"署名を加えてよいかを、先に署名した人か提出先に確かめてください。別の署名ファイルにすれば、元の文書は変わりません。", "Ask the earlier signer or the service. A signature in a file of its own changes nothing."}},
	protocol.Unsupported: {text{"このXMLには、確実に署名できない書き方（相対的な名前空間など）があります。", "The XML uses what cannot be signed reliably, such as relative namespaces."},
		text{"作ったソフトの提供元に問い合わせるか、CMSの分離署名を使ってください。", "Ask whoever made the program, or sign it with a detached CMS signature."}},

	protocol.NotCMS: {text{"署名を加える元のファイルが、CMSの署名ではないか、加えられない形です。", "The file to add a signature to is no CMS signature, or of a form that takes none."},
		text{"CMSの署名のファイル（.p7sなど）を選んでください。", "Choose the file with the CMS signature (such as .p7s)."}},
	protocol.OtherDocument: {text{"元の署名は、別の文書に付けられたものです。", "The existing signature is about another document."},
		text{"文書と署名のファイルの組み合わせを確かめてください。", "Make sure that document and signature belong together."}},
}
