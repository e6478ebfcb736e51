package html

import (
	"context"
	"testing"
)

// crowded lists labels of drawings that lie on a plot, on each other, or
// outside of their figure. What the script has replaced is for paper and for
// those without a script: it is measured too.
const crowded = `(() => {
	const wrong = new Set(), box = e => e.getBoundingClientRect();
	const meet = (a, b, by) => a.left + by < b.right && b.left + by < a.right && a.top + by < b.bottom && b.top + by < a.bottom;
	document.querySelectorAll(".replaced").forEach(e => e.classList.remove("replaced"));
	for (const svg of document.querySelectorAll("figure svg.plot")) {
		const figure = box(svg.closest("figure")), plots = [...svg.querySelectorAll(".lanes")].map(box);
		const texts = [...svg.querySelectorAll("text")].map(e => [e.textContent, box(e)]).filter(([, b]) => b.width);
		texts.forEach(([text, b], i) => {
			if (b.left < figure.left - 1 || b.right > figure.right + 1) wrong.add(text + " outside of the figure");
			if (plots.some(p => meet(b, p, 3))) wrong.add(text + " on a plot");
			for (const [other, o] of texts.slice(i + 1)) if (meet(b, o, 2)) wrong.add(text + " on " + other);
		});
	}
	return [...wrong];
})()`

// uncrowded holds the labels of all drawings of the page that is open to a
// place of their own, beside the plots.
func uncrowded(t *testing.T, ctx context.Context, what string) {
	t.Helper()
	if got := evaluate[[]string](t, ctx, crowded); len(got) > 0 {
		t.Errorf("%s: labels without a place of their own: %q", what, got)
	}
	if n := evaluate[int](t, ctx, `document.querySelectorAll("figure svg.plot text").length`); n == 0 {
		t.Logf("%s: no drawing", what)
	}
}
