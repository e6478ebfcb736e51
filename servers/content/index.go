package content

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"github.com/teapot-go/teapot/servers/flags"
)

// WithIndex adds pages that list the flags, for people and for clients that
// follow links: /flags/ lists the folders, and each folder its picture. It
// leaves all other paths to next.
func WithIndex(next Preparer) Preparer { return indexed{next} }

type indexed struct{ Preparer }

// Prepare implements [Preparer].
func (i indexed) Prepare(r *http.Request) http.Handler {
	var links []string
	switch folder := strings.TrimPrefix(r.URL.Path, "/flags/"); {
	case r.URL.Path == "/":
		links = []string{"flags/"}
	case folder == "":
		for _, code := range flags.Codes() {
			links = append(links, strings.ToLower(code)+"/")
		}
	case len(folder) == len("cc/") && folder[2] == '/' && folder == strings.ToLower(folder) &&
		flags.Has(strings.ToUpper(folder[:2])):
		links = []string{folder[:2] + ".gif"}
	default:
		return i.Preparer.Prepare(r)
	}
	return listing(links)
}

// ServeHTTP implements [http.Handler].
func (i indexed) ServeHTTP(w http.ResponseWriter, r *http.Request) { serve(i, w, r) }

// A listing is a page of links to files and folders beside it.
type listing []string

func (l listing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !allowed(w, r) {
		return
	}
	title := html.EscapeString(r.URL.Path)
	var page strings.Builder
	page.WriteString("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" + title +
		"</title></head><body><ul>\n")
	for _, link := range l {
		target := url.URL{Path: link} // String keeps a colon in a name from being a scheme
		fmt.Fprintf(&page, "<li><a href=\"%s\">%s</a></li>\n", html.EscapeString(target.String()),
			html.EscapeString(link))
	}
	page.WriteString("</ul></body></html>\n")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	http.ServeContent(w, r, "", made, strings.NewReader(page.String()))
}
