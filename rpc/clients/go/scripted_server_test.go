package sb

import (
	"bufio"
	"encoding/json"
	"net"
	"path/filepath"
	"sync"
	"testing"
)

// said is a request as a server sees it.
type said struct {
	ID     *int64         `json:"id"`
	Method string         `json:"method"`
	Params map[string]any `json:"params"`
}

// peer is one connection, as a server sees it.
type peer struct {
	*net.UnixConn
}

func (p *peer) send(what any) {
	line, err := json.Marshal(what)
	if err != nil {
		panic(err)
	}
	_, _ = p.Write(append(line, '\n')) // The client may be gone before its answer.
}

func (p *peer) result(to said, result any) {
	p.send(map[string]any{"jsonrpc": "2.0", "id": to.ID, "result": result})
}

func (p *peer) notify(method string, params any) {
	p.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// scriptedServer answers each line as the test's function says.
type scriptedServer struct {
	path     string
	listener *net.UnixListener
	answer   func(line []byte, to *peer)
	running  sync.WaitGroup

	mu       sync.Mutex
	requests []said
	peers    []*peer
}

// serve starts a server for the length of the test.
func serve(t testing.TB, answer func(request said, to *peer)) *scriptedServer {
	server := listen(filepath.Join(t.TempDir(), "sb.sock"), byRequest(answer))
	t.Cleanup(server.close)
	return server
}

// byRequest answers lines that are one request each.
func byRequest(answer func(request said, to *peer)) func([]byte, *peer) {
	return func(line []byte, to *peer) {
		var one said
		if err := json.Unmarshal(line, &one); err != nil {
			panic(err)
		}
		answer(one, to)
	}
}

// listen starts a server that answers whole lines.
func listen(path string, answer func(line []byte, to *peer)) *scriptedServer {
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		panic(err)
	}
	server := &scriptedServer{path: path, listener: listener, answer: answer}
	server.running.Add(1)
	go server.accept()
	return server
}

func (s *scriptedServer) close() {
	s.listener.Close()
	for _, each := range s.connected() {
		each.Close()
	}
	s.running.Wait()
}

func (s *scriptedServer) accept() {
	defer s.running.Done()
	for {
		connection, err := s.listener.AcceptUnix()
		if err != nil {
			return
		}
		one := &peer{UnixConn: connection}
		s.mu.Lock()
		s.peers = append(s.peers, one)
		s.mu.Unlock()
		s.running.Add(1)
		go s.read(one)
	}
}

func (s *scriptedServer) read(from *peer) {
	defer s.running.Done()
	defer from.Close()
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := append([]byte(nil), lines.Bytes()...)
		var one said
		_ = json.Unmarshal(line, &one) // A batch is not one.
		s.mu.Lock()
		s.requests = append(s.requests, one)
		s.mu.Unlock()
		s.answer(line, from)
	}
}

func (s *scriptedServer) connected() []*peer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*peer(nil), s.peers...)
}

// heard gives the requests so far.
func (s *scriptedServer) heard() []said {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]said(nil), s.requests...)
}

func (s *scriptedServer) methods() []string {
	var methods []string
	for _, each := range s.heard() {
		methods = append(methods, each.Method)
	}
	return methods
}

// session gives the answers of a server that takes every probe and lets it
// live: enough for what a client does with one.
func session(ids ...string) func(said, *peer) {
	if len(ids) == 0 {
		ids = []string{"p1"}
	}
	return func(request said, to *peer) {
		if request.ID == nil {
			return
		}
		var rows, stats []any
		for _, id := range ids {
			rows = append(rows, map[string]any{"id": id, "target": request.Params["target"]})
			stats = append(stats, map[string]any{"id": id, "target": "/bin/app:f", "hits": 3, "delay_ns": 5000})
		}
		results := map[string]any{
			"server.info":     map[string]any{"version": "0.1.0"},
			"probe.add":       map[string]any{"probes": rows},
			"probe.list":      map[string]any{"probes": rows},
			"session.resume":  map[string]any{"probes": rows},
			"probe.stats":     map[string]any{"probes": stats[:1]},
			"probe.remove":    map[string]any{"id": request.Params["probe"], "hits": 7, "delayed": 2},
			"session.detach":  map[string]any{"token": "0123456789abcdef0123456789abcdef"},
			"stats.subscribe": map[string]any{"subscription": "s1"},
		}
		if request.Method == "no.such" {
			to.send(map[string]any{"jsonrpc": "2.0", "id": request.ID, "error": map[string]any{
				"code": -32601, "message": "No method",
				"data": map[string]any{"code": "rpc.method", "hint": "Try", "near": "x"},
			}})
			return
		}
		result := results[request.Method]
		if result == nil {
			result = map[string]any{}
		}
		to.result(request, result)
	}
}
