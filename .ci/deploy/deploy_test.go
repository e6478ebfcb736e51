// Package deploy holds the files of the folder deploy to their schemas, and
// their command lines to a NATS server.
package deploy

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/nats-io/nats-server/v2/server"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

const folder = "../../deploy"

// A manifest is kubernetes.yaml, each object of it decoded strictly: a field
// that its kind does not have is an error.
type manifest struct {
	config corev1.ConfigMap
	worker appsv1.Deployment
	run    batchv1.Job
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func kubernetes(t *testing.T) *manifest {
	t.Helper()
	m := new(manifest)
	for document := range bytes.SplitSeq(read(t, "kubernetes.yaml"), []byte("---\n")) {
		var of metav1.TypeMeta
		if err := yaml.Unmarshal(document, &of); err != nil {
			t.Fatal(err)
		}
		kinds := map[string]any{
			"v1 ConfigMap": &m.config, "apps/v1 Deployment": &m.worker, "batch/v1 Job": &m.run,
		}
		into := kinds[of.APIVersion+" "+of.Kind]
		if into == nil {
			t.Fatalf("a %s of %s: want one of %v", of.Kind, of.APIVersion, kinds)
		}
		if err := yaml.UnmarshalStrict(document, into); err != nil {
			t.Fatalf("%s: %v", of.Kind, err)
		}
	}
	return m
}

func compose(t *testing.T) *types.Project {
	t.Helper()
	project, err := loader.LoadWithContext(t.Context(), types.ConfigDetails{
		WorkingDir:  folder,
		ConfigFiles: []types.ConfigFile{{Filename: "compose.yaml", Content: read(t, "compose.yaml")}},
		Environment: types.Mapping{"NATS_TOKEN": "s3cret"},
	}, loader.WithProfiles([]string{"*"}))
	if err != nil {
		t.Fatal(err)
	}
	return project
}

// TestKubernetes holds the parts of the manifest to one another.
func TestKubernetes(t *testing.T) {
	m := kubernetes(t)
	if got, want := m.config.Data["cluster.yaml"], string(read(t, "cluster.yaml")); got != want {
		t.Errorf("the scenario of the manifest is\n%s\nwant\n%s", got, want)
	}
	worker, run := m.worker.Spec.Template, m.run.Spec.Template
	for key, value := range m.worker.Spec.Selector.MatchLabels {
		if worker.Labels[key] != value {
			t.Errorf("the selector wants %s=%s, and the Pods have %q", key, value, worker.Labels[key])
		}
	}
	if got := run.Spec.Volumes[0].ConfigMap.Name; got != m.config.Name {
		t.Errorf("the run mounts %s, want %s", got, m.config.Name)
	}
	if worker.Spec.Containers[0].Image != run.Spec.Containers[0].Image {
		t.Error("the worker and the run have two images")
	}
	if run.Spec.RestartPolicy != corev1.RestartPolicyNever || *m.run.Spec.BackoffLimit != 0 {
		t.Error("a run that fails is run again")
	}
	for _, pod := range []corev1.PodSpec{worker.Spec, run.Spec} {
		c := pod.Containers[0]
		safe := *pod.SecurityContext.RunAsNonRoot && *c.SecurityContext.ReadOnlyRootFilesystem &&
			!*c.SecurityContext.AllowPrivilegeEscalation && !*pod.AutomountServiceAccountToken
		if !safe || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("%s: want as few rights as it needs, and bounds", c.Name)
		}
		if from := c.Env[0].ValueFrom.SecretKeyRef; c.Env[0].Name != "NATS_TOKEN" || from.Name != "nats-token" {
			t.Errorf("%s: got %v, want the token of the secret", c.Name, c.Env)
		}
	}
}

// TestNATS wants the chart to have the server ask for the same secret.
func TestNATS(t *testing.T) {
	var values struct {
		Config struct {
			JetStream map[string]any `json:"jetstream"`
			Merge     map[string]any `json:"merge"`
		} `json:"config"`
		Container struct {
			Env map[string]corev1.EnvVar `json:"env"`
		} `json:"container"`
	}
	if err := yaml.UnmarshalStrict(read(t, "nats.yaml"), &values); err != nil {
		t.Fatal(err)
	}
	from := values.Container.Env["NATS_TOKEN"].ValueFrom.SecretKeyRef
	if from.Name != "nats-token" || from.Key != "token" {
		t.Errorf("got the secret %v", from)
	}
	if fmt.Sprint(values.Config.Merge["authorization"]) != "map[token:<< $NATS_TOKEN >>]" {
		t.Errorf("got %v, want the token asked for", values.Config.Merge)
	}
}

// TestCompose wants the services to have the server's token.
func TestCompose(t *testing.T) {
	p := compose(t)
	if got := strings.Join(p.Services["nats"].Command, " "); !strings.HasSuffix(got, " --auth s3cret") {
		t.Errorf("got %s, want the token asked for", got)
	}
	for _, name := range []string{"worker", "run"} {
		s := p.Services[name]
		if s.Image != "teapot" || *s.Environment["NATS_TOKEN"] != "s3cret" || !s.ReadOnly {
			t.Errorf("%s: got %+v", name, s)
		}
	}
}

// TestCommands builds teapot as the image does, and runs the command lines of
// the manifest and of the composition, with another address, in an environment
// where nothing can be written but what a container has.
func TestCommands(t *testing.T) {
	program := built(t)
	m, p := kubernetes(t), compose(t)
	for name, lines := range map[string][2][]string{
		"kubernetes": {m.worker.Spec.Template.Spec.Containers[0].Args, m.run.Spec.Template.Spec.Containers[0].Args},
		"compose":    {p.Services["worker"].Command, p.Services["run"].Command},
	} {
		t.Run(name, func(t *testing.T) {
			url := serve(t)
			here := func(args []string) *exec.Cmd {
				ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
				t.Cleanup(cancel)
				line := strings.NewReplacer("nats://nats:4222", url, "/scenarios/", folder+"/")
				args = strings.Split(line.Replace(strings.Join(args, "\n")), "\n")
				cmd := exec.CommandContext(ctx, program, args...)
				cmd.Env = []string{"NATS_TOKEN=s3cret", "TMPDIR=/nothing/is/here"}
				return cmd
			}
			for range 2 {
				worker := here(lines[0])
				worker.Stderr = os.Stderr
				if err := worker.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					_ = worker.Process.Signal(syscall.SIGTERM)
					if err := worker.Wait(); err != nil {
						t.Errorf("a worker that is told to end: %v", err)
					}
				})
			}
			run := here(lines[1])
			run.Stderr = os.Stderr
			out, err := run.Output()
			if err != nil || !regexp.MustCompile(`1 run, 0 violations|"runs":`).Match(out) {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// built builds the program of the image. The image's own way takes a minute of
// a bare machine, for what is the same program: of that only go's word is taken
// that it can be built so.
func built(t *testing.T) string {
	t.Helper()
	text := read(t, "Dockerfile")
	line := regexp.MustCompile(`(?m)^RUN CGO_ENABLED=0 go build (.*) -o /teapot \$MAIN$`).FindSubmatch(text)
	main := regexp.MustCompile(`(?m)^ARG MAIN=(.*)$`).FindSubmatch(text)
	if line == nil || main == nil {
		t.Fatal("the Dockerfile builds in a way that this test does not know")
	}
	program := filepath.Join(t.TempDir(), "teapot")
	for _, args := range [][]string{
		append(append([]string{"list"}, strings.Fields(string(line[1]))...), string(main[1])),
		{"build", "-o", program, string(main[1])},
	} {
		cmd := exec.Command("go", args...)
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return program
}

// serve starts a NATS server that asks for the token.
func serve(t *testing.T) (url string) {
	t.Helper()
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true,
		Authorization: "s3cret",
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server is not ready")
	}
	return "nats://" + s.Addr().String()
}
