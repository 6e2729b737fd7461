package c14n_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator writes documents that are well-formed and full of traps.
type generator struct {
	*rand.Rand
	out strings.Builder
}

func randomDocument(r *rand.Rand) string {
	g := &generator{Rand: r}
	g.out.WriteString(g.pick("", "\uFEFF", "<?xml version=\"1.0\"?>", "<?xml version='1.0' encoding='UTF-8'?>\r\n"))
	g.out.WriteString(g.pick("", "<!-- x -->", "<?p q?>", "<!--x--> <?p?>\n"))
	g.element(map[string]string{"": ""}, 0)
	g.out.WriteString(g.pick("", "\n", "<!-- x -->", "<?p q?>\r", "<!--x--><?p?>"))
	return g.out.String()
}

func (g *generator) pick(choices ...string) string { return choices[g.IntN(len(choices))] }

// element writes an element; scope is what prefixes mean here.
func (g *generator) element(scope map[string]string, depth int) {
	own := map[string]string{}
	for prefix, uri := range scope {
		own[prefix] = uri
	}
	tag := ""
	for _, prefix := range []string{"", "p", "q", "r"} {
		if g.IntN(4) > 0 {
			continue
		}
		uri := g.pick("urn:1", "urn:2", "http://example.com/3")
		if prefix == "" && g.IntN(3) == 0 {
			uri = ""
		}
		own[prefix] = uri
		name := "xmlns"
		if prefix != "" {
			name += ":" + prefix
		}
		tag += fmt.Sprintf("%s%s=%s", g.pick(" ", "\n ", "\t"), name, g.pick(`"`+uri+`"`, `'`+uri+`'`))
	}
	prefixed := func(local string) string {
		prefix := g.pick("p", "q", "r", "", "")
		if prefix == "" || own[prefix] == "" {
			return local
		}
		return prefix + ":" + local
	}
	used := map[string]bool{}
	for range g.IntN(4) {
		name := g.pick(prefixed("a"), prefixed("b"), prefixed("あ"), "xml:lang", "xml:space", "id")
		prefix, local, found := strings.Cut(name, ":")
		key := local + " " + own[prefix]
		if !found {
			key = prefix
		}
		if !used[key] {
			used[key] = true
			tag += " " + name + g.pick("=", " = ") + `"` + g.pick("x", "&lt;\t&#9;", "\r\n&#13;", "'&quot;>", "見本", "") + `"`
		}
	}
	name := prefixed(g.pick("e", "f", "要素"))
	g.out.WriteString("<" + name + tag)
	if g.IntN(5) == 0 {
		g.out.WriteString("/>")
		return
	}
	g.out.WriteString(">")
	for range g.IntN(5) {
		if depth < 6 && g.IntN(2) == 0 {
			g.element(own, depth+1)
			continue
		}
		g.out.WriteString(g.pick("x", "\r\n", "&amp;&#13;", "<![CDATA[<&]]>", "<!--c-->", "<?p  q ?>", "　", "&#x1F5FE;", "]"))
	}
	g.out.WriteString("</" + name + ">")
}
