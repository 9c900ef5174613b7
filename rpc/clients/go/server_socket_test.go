package sb

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

const nobody = 65534

// TestMain is also a server of another user, for a test that starts this
// program so.
func TestMain(m *testing.M) {
	if path := os.Getenv("SB_TEST_LISTEN"); path != "" {
		listener, err := net.Listen("unix", path)
		if err != nil {
			panic(err)
		}
		os.Stdout.WriteString("listening\n")
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		if count, _ := connection.Read(make([]byte, 1)); count != 0 {
			os.Exit(1) // The client said something.
		}
		os.Exit(0)
	}
	os.Exit(runWithServer(m))
}

// runWithServer has a server for the examples, which name no socket.
func runWithServer(m *testing.M) int {
	folder, err := os.MkdirTemp("", "sb-examples")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	server := listen(filepath.Join(folder, "sb.sock"), byRequest(ticking(3)))
	defer server.close()
	os.Setenv("SB_SOCKET", server.path)
	return m.Run()
}

func TestANamedSocketIsTheOnlyCandidate(t *testing.T) {
	t.Setenv("SB_SOCKET", "/b")
	t.Setenv("XDG_RUNTIME_DIR", "/run/user/7")
	equal(t, candidates("/a"), []string{"/a"})
	equal(t, candidates(""), []string{"/b"})
	t.Setenv("SB_SOCKET", "")
	equal(t, candidates(""), []string{"/run/sb/sb.sock", "/run/user/7/sb.sock"})
	t.Setenv("XDG_RUNTIME_DIR", "")
	equal(t, candidates(""), []string{"/run/sb/sb.sock"})
}

func TestASocketThatIsNotThereIsToldWithEveryPath(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("SB_SOCKET", "")
	t.Setenv("XDG_RUNTIME_DIR", folder)
	defer func(before string) { systemSocket = before }(systemSocket)
	systemSocket = filepath.Join(folder, "none.sock")
	_, err := Dial(context.Background(), "")
	hasCode(t, err, "server.not_found")
	if !errors.Is(err, syscall.ENOENT) {
		t.Fatal(err)
	}
	equal(t, err.(*Error).Data["sockets"], []string{systemSocket, filepath.Join(folder, "sb.sock")})
}

func TestDialGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Dial(ctx, serve(t, session()).path); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
}

func TestAServerOfAnotherUserIsRefusedBeforeAnythingIsSent(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can start a server as somebody else")
	}
	folder, err := os.MkdirTemp("", "sb-other")
	check(t, err)
	defer os.RemoveAll(folder)
	check(t, os.Chmod(folder, 0o777))
	program, err := os.ReadFile("/proc/self/exe")
	check(t, err)
	copied := filepath.Join(folder, "server") // The test's own program lies where nobody else may go.
	check(t, os.WriteFile(copied, program, 0o755))
	path := filepath.Join(folder, "sb.sock")
	server := exec.Command(copied)
	server.Dir = "/"
	server.Env = append(os.Environ(), "SB_TEST_LISTEN="+path)
	server.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	ready, err := server.StdoutPipe()
	check(t, err)
	check(t, server.Start())
	_, err = ready.Read(make([]byte, 1))
	check(t, err)
	_, err = Dial(context.Background(), path)
	hasCode(t, err, "server.untrusted")
	equal(t, err.(*Error).Data["uid"], int64(nobody))
	check(t, server.Wait())
}
