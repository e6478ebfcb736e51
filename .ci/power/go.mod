module github.com/teapot-go/teapot/ci/power

go 1.26.0
