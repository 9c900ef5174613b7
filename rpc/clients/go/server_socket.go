package sb

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// systemSocket is where root's server listens; a variable for the tests.
var systemSocket = "/run/sb/sb.sock"

// candidates are the sockets to try, in this order.
func candidates(path string) []string {
	if path == "" {
		path = os.Getenv("SB_SOCKET")
	}
	if path != "" {
		return []string{path}
	}
	found := []string{systemSocket}
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" {
		found = append(found, filepath.Join(runtime, "sb.sock"))
	}
	return found
}

// connect gives a connection to a server that may be trusted.
func connect(ctx context.Context, path string) (*net.UnixConn, error) {
	tried := candidates(path)
	var reasons []string
	var last error
	for _, candidate := range tried {
		var dialer net.Dialer
		connection, err := dialer.DialContext(ctx, "unix", candidate)
		if err != nil {
			if ctx.Err() != nil {
				return nil, fmt.Errorf("connecting to %s: %w", candidate, ctx.Err())
			}
			reasons = append(reasons, err.Error())
			last = err
			continue
		}
		server := connection.(*net.UnixConn)
		if err := checkServer(server, candidate); err != nil {
			server.Close()
			return nil, err
		}
		return server, nil
	}
	return nil, &Error{
		Code:    "server.not_found",
		Message: "Cannot reach a server of sb: " + strings.Join(reasons, "; "),
		Hint:    "Start one with: sudo sb serve",
		Data:    map[string]any{"sockets": tried},
		cause:   last,
	}
}

// checkServer refuses a server that runs as another user than root or the
// caller's own (SO_PEERCRED, unix(7)).
func checkServer(server *net.UnixConn, path string) error {
	raw, err := server.SyscallConn()
	if err != nil {
		return gone(err, "Cannot ask who listens at %q: %v", path, err)
	}
	var credentials *syscall.Ucred
	var failure error
	err = raw.Control(func(descriptor uintptr) {
		credentials, failure = syscall.GetsockoptUcred(int(descriptor), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err == nil {
		err = failure
	}
	if err != nil {
		return gone(err, "Cannot ask who listens at %q: %v", path, err)
	}
	if own := os.Geteuid(); credentials.Uid != 0 && int(credentials.Uid) != own {
		return &Error{
			Code: "server.untrusted",
			Message: fmt.Sprintf("Cannot trust the server at %q: it runs as uid %d, not as root or %d",
				path, credentials.Uid, own),
			Data: map[string]any{"socket": path, "uid": int64(credentials.Uid)},
		}
	}
	return nil
}
