//go:build live

// Against a real server, at $SB_LIVE_SOCKET:
//
//	go test -tags live -c -o live.test // "go test" alone strips the symbols.
//	SB_LIVE_SOCKET=/run/sb/sb.sock ./live.test -test.run TestLive
package sb

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"testing"
	"time"
)

// calls is how often a worker calls the function for each line it is sent.
const calls = 2000

const liveDelay = 100 * time.Microsecond

var sink int

//go:noinline
func slowed(n int) int { return n ^ sink }

// init makes the test's program also the process to slow.
func init() {
	if os.Getenv("SB_TEST_WORK") == "" {
		return
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		for n := 0; n < calls; n++ {
			sink += slowed(n)
		}
		fmt.Println("done")
	}
	os.Exit(0)
}

// worker is a process that calls slowed.
type worker struct {
	*exec.Cmd
	input  io.WriteCloser
	output *bufio.Scanner
}

func startWorker(t *testing.T) *worker {
	command := exec.Command("/proc/self/exe")
	command.Env = append(os.Environ(), "SB_TEST_WORK=1")
	input, err := command.StdinPipe()
	check(t, err)
	output, err := command.StdoutPipe()
	check(t, err)
	check(t, command.Start())
	return &worker{command, input, bufio.NewScanner(output)}
}

// work gives how long the calls took, and what else a line to and fro takes.
func (w *worker) work(t *testing.T) time.Duration {
	start := time.Now()
	_, err := io.WriteString(w.input, "\n")
	check(t, err)
	equal(t, w.output.Scan(), true)
	return time.Since(start)
}

func (w *worker) end(t *testing.T) {
	w.input.Close()
	check(t, w.Wait())
}

func liveClient(t *testing.T) (context.Context, *Client, ProbeSpec) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	client, err := Dial(ctx, os.Getenv("SB_LIVE_SOCKET"))
	check(t, err)
	t.Cleanup(func() { client.Close() })
	program, err := os.Readlink("/proc/self/exe")
	check(t, err)
	return ctx, client, ProbeSpec{Path: program, Symbol: "sb/client.slowed", Delay: liveDelay}
}

func TestLiveAFunctionOfAChildAloneIsSlower(t *testing.T) {
	ctx, client, spec := liveClient(t)
	child, other := startWorker(t), startWorker(t)
	defer child.end(t)
	defer other.end(t)
	spec.PID = child.Process.Pid
	probe, err := client.Probe(ctx, spec)
	check(t, err)
	other.work(t) // The control: it is out of scope.
	// What a breakpoint costs is measured, and taken off each delay: a delay is exact to 2 %.
	if took := child.work(t); took < calls*liveDelay*98/100 {
		t.Errorf("it took %s", took)
	}
	check(t, probe.Disable(ctx))
	child.work(t)
	check(t, probe.Enable(ctx))
	check(t, probe.Update(ctx, Change{Delay: Ptr(time.Microsecond), Every: Ptr[int64](10)}))
	child.work(t)
	stats, err := probe.Remove(ctx)
	check(t, err)
	equal(t, []int64{stats.Hits, stats.Delayed, stats.Misses, stats.Cut}, []int64{2 * calls, calls + calls/10, 0, 0})
	child.work(t)
	_, err = probe.Stats(ctx)
	hasCode(t, err, "probe.not_found")
}

func TestLiveTheEndOfTheChildEndsItsProbe(t *testing.T) {
	ctx, client, spec := liveClient(t)
	child := startWorker(t)
	spec.PID = child.Process.Pid
	probe, err := client.Probe(ctx, spec)
	check(t, err)
	feed, err := client.Subscribe(ctx, 10*time.Millisecond)
	check(t, err)
	child.work(t)
	for tick := range feed.Ticks() {
		if tick.Probes[0].Hits == calls {
			break
		}
	}
	child.end(t)
	within(t, "the end of the probe", probe.Ended())
	equal(t, probe.Why(), "scope empty")
	stats, err := probe.Remove(ctx)
	check(t, err)
	equal(t, stats.Hits, int64(calls))
}

func TestLiveADetachedSessionIsResumedByAnotherClient(t *testing.T) {
	ctx, client, spec := liveClient(t)
	child := startWorker(t)
	defer child.end(t)
	spec.PID = child.Process.Pid
	probe, err := client.Probe(ctx, spec)
	check(t, err)
	token, err := client.Detach(ctx, time.Minute)
	check(t, err)
	check(t, client.Close())
	child.work(t)
	ctx, second, _ := liveClient(t)
	probes, err := second.Resume(ctx, token)
	check(t, err)
	equal(t, probes[0].ID(), probe.ID())
	stats, err := probes[0].Stats(ctx)
	check(t, err)
	equal(t, stats.Hits, int64(calls))
}

func TestLiveRefusalsHaveTheirCodes(t *testing.T) {
	ctx, client, spec := liveClient(t)
	spec.Symbol = "sb/client.slowd"
	_, err := client.Probe(ctx, spec)
	hasCode(t, err, "probe.symbol_not_found")
	_, err = client.Probe(ctx, ProbeSpec{Target: "libc.so.6:getppid", Spec: "5 parsecs"})
	hasCode(t, err, "usage.time")
	_, err = client.Plan(ctx, ProbeSpec{Path: "/nonexistent/app", Symbol: "f"})
	hasCode(t, err, "file.not_found")
	hasCode(t, client.Call(ctx, "probe.ad", nil, nil), "rpc.method")
}
