// Package rules is what a citizen must know about the certificates on a My Number Card: the rules in
// plain words (topics.json), until when card and certificates last, and whom to ask (desks.json).
//
// It knows no card. The facts are those of the page of 北九州市 on the service (as of 2024-05-07) and of
// jpki-card.md §6; dates are days in Japan.
package rules

import (
	_ "embed"
	"encoding/json"
)

// A Text is one sentence, or a name, in both languages.
type Text struct {
	JA string `json:"ja"`
	EN string `json:"en"`
}

// In returns the Japanese for "ja", and the English for every other language.
func (t Text) In(lang string) string {
	if lang == "ja" {
		return t.JA
	}
	return t.EN
}

// Paragraphs are the body of a topic in both languages.
type Paragraphs struct {
	JA []string `json:"ja"`
	EN []string `json:"en"`
}

// In returns the Japanese for "ja", and the English for every other language.
func (p Paragraphs) In(lang string) []string {
	if lang == "ja" {
		return p.JA
	}
	return p.EN
}

// A Topic explains one rule.
type Topic struct {
	ID    string     `json:"id"` // lower-case words with hyphens: what commands and other topics call it
	Title Text       `json:"title"`
	Words []string   `json:"words"` // what people may search for, in both languages
	Text  Paragraphs `json:"text"`
	See   []string   `json:"see"` // ids of topics to read next
}

//go:embed topics.json
var topicsJSON []byte

// Topics returns all topics in the order in which they are best read.
func Topics() []Topic {
	var topics []Topic
	if err := json.Unmarshal(topicsJSON, &topics); err != nil {
		panic("rules: topics.json, built into the program, is not JSON: " + err.Error())
	}
	return topics
}
