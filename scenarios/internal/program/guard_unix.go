//go:build unix

package program

import (
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A guard is a process that ends the groups of programs if this process is
// killed, which closes its input.
type guard struct {
	cmd   *exec.Cmd
	input io.WriteCloser
}

// guarding is what a guard does. It reads +N of each group that there is, -N of
// one that has ended, and a dot at the end.
const guarding = `trap '' INT TERM HUP QUIT
groups=' '
while read -r line; do
	case $line in
	.) exit 0;;
	+*) groups="$groups${line#+} ";;
	-*) n=${line#-}; case $groups in *" $n "*) groups="${groups%%" $n "*} ${groups#*" $n "}";; esac;;
	esac
done
for n in $groups; do kill -9 "-$n"; done
for again in 1 2 3; do
	for file in $(grep -ls -- "$1" /proc/[0-9]*/environ); do
		pid=${file#/proc/}; kill -9 "${pid%/environ}"
	done
done
`

// startGuard starts a guard; nil if it cannot, without a shell.
func startGuard(token string) *guard {
	cmd := exec.Command("/bin/sh", "-c", guarding, "sh", token)
	cmd.Dir, cmd.Env = "/", append(os.Environ(), tokenName+"=guard")
	ownGroup(cmd)
	input, err := cmd.StdinPipe()
	if err != nil || cmd.Start() != nil {
		return nil
	}
	return &guard{cmd, input}
}

func (g *guard) add(group int)    { g.say(fmt.Sprintf("+%d\n", group)) }
func (g *guard) remove(group int) { g.say(fmt.Sprintf("-%d\n", group)) }

func (g *guard) say(line string) {
	if g != nil {
		_, _ = io.WriteString(g.input, line)
	}
}

// close ends the guard.
func (g *guard) close() {
	if g != nil {
		g.say(".\n")
		_ = g.input.Close()
		_ = g.cmd.Wait()
	}
}
