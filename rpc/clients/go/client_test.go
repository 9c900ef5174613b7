package sb

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// dial opens a session for the length of the test.
func dial(t testing.TB, server *scriptedServer) (context.Context, *Client) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	client, err := Dial(ctx, server.path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return ctx, client
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func equal(t testing.TB, seen, expected any) {
	t.Helper()
	if !reflect.DeepEqual(seen, expected) {
		t.Fatalf("%v is not %v", seen, expected)
	}
}

func hasCode(t testing.TB, err error, code string) {
	t.Helper()
	if !errors.Is(err, &Error{Code: code}) {
		t.Fatalf("%v is not %s", err, code)
	}
}

func within(t testing.TB, what string, done <-chan struct{}) {
	t.Helper()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s did not happen", what)
	}
}

func TestAProbeLivesUntilItIsClosed(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Path: "/bin/app", Symbol: "f", Delay: 5 * time.Microsecond})
	check(t, err)
	equal(t, []string{probe.ID(), probe.Row().Target, probe.Why()}, []string{"p1", "/bin/app:f", ""})
	stats, err := probe.Stats(ctx)
	check(t, err)
	equal(t, stats.Hits, int64(3))
	check(t, probe.Close())
	check(t, probe.Close())
	within(t, "the end of the probe", probe.Ended())
	equal(t, probe.Why(), "removed")
	equal(t, server.methods(), []string{"probe.add", "probe.stats", "probe.remove"})
	equal(t, server.heard()[0].Params, map[string]any{"target": "/bin/app:f", "delay_ns": 5000.0})
}

func TestRemoveGivesTheLastFigures(t *testing.T) {
	ctx, client := dial(t, serve(t, session()))
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f"})
	check(t, err)
	stats, err := probe.Remove(ctx)
	check(t, err)
	equal(t, stats.Hits, int64(7))
}

func TestWhatIsNotNamedIsNotSent(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	asked := []struct {
		spec   ProbeSpec
		params map[string]any
	}{
		{ProbeSpec{Path: "/a", Symbol: "b"}, map[string]any{"target": "/a:b", "delay_ns": 0.0}},
		{ProbeSpec{Target: "libc:malloc", Spec: "5us,every=10", PID: 9},
			map[string]any{"target": "libc:malloc", "spec": "5us,every=10", "scope": map[string]any{"tree": 9.0}}},
		{ProbeSpec{Target: "/a:b", Delay: time.Millisecond, System: true, Every: 2, Probability: 0.5, Times: 3,
			Start: time.Second, Duration: time.Minute, Uncompensated: true, At: "return", How: "sleep", Isolation: "shared"},
			map[string]any{"target": "/a:b", "delay_ns": 1e6, "scope": map[string]any{"system": true}, "every": 2.0,
				"probability": 0.5, "times": 3.0, "start_ns": 1e9, "duration_ns": 6e10, "compensate": false,
				"at": "return", "how": "sleep", "isolation": "shared"}},
	}
	for index, each := range asked {
		_, err := client.Probe(ctx, each.spec)
		check(t, err)
		equal(t, server.heard()[index].Params, each.params)
	}
}

func TestARelativePathIsMadeAbsolute(t *testing.T) {
	for target, isRelative := range map[string]bool{"./app:f": true, "../x/app:f": true, "app:a/b": false, "/a:f": false} {
		absolute, err := absoluteTarget(target)
		check(t, err)
		equal(t, strings.HasPrefix(absolute, "/") && strings.HasSuffix(absolute, "/"+target), isRelative)
	}
}

func TestAskingForNothingOrTwiceIsRefusedBeforeItIsSent(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	for _, spec := range []ProbeSpec{{}, {Path: "/a"}, {Symbol: "b"}, {Path: "/a", Symbol: "b", Target: "/a:b"}, {Path: "/a", Target: "/a:b"}} {
		_, err := client.Probe(ctx, spec)
		hasCode(t, err, "usage.target")
	}
	equal(t, len(server.heard()), 0)
}

func TestUpdateNamesWhatChangesAndNullIsNoLimit(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f"})
	check(t, err)
	check(t, probe.Update(ctx, Change{Delay: Ptr(10 * time.Nanosecond), Times: Ptr[int64](NoLimit), Compensate: Ptr(true)}))
	check(t, probe.Disable(ctx))
	check(t, probe.Enable(ctx))
	heard := server.heard()
	equal(t, heard[1].Params, map[string]any{"probe": "p1", "delay_ns": 10.0, "times": nil, "compensate": true})
	equal(t, server.methods()[2:], []string{"probe.disable", "probe.enable"})
}

func TestOneProbeOfSeveralFunctionsIsRefusedAndNoneStays(t *testing.T) {
	server := serve(t, session("p1", "p2"))
	ctx, client := dial(t, server)
	_, err := client.Probe(ctx, ProbeSpec{Path: "/bin/app", Symbol: "f*"})
	hasCode(t, err, "usage.target")
	equal(t, server.methods(), []string{"probe.add", "probe.remove", "probe.remove"})
	probes, err := client.Probes(ctx, ProbeSpec{Path: "/bin/app", Symbol: "f*"})
	check(t, err)
	equal(t, len(probes), 2)
}

func TestTheEndOfAProbeIsTold(t *testing.T) {
	server := serve(t, func(request said, to *peer) {
		session()(request, to)
		if request.Method == "probe.add" {
			to.notify("probe.ended", map[string]any{"probe": "p1", "why": "scope empty"})
		}
	})
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f", PID: 12})
	check(t, err)
	within(t, "the end of the probe", probe.Ended())
	equal(t, probe.Why(), "scope empty")
	stats, err := probe.Remove(ctx) // Its last figures are still there.
	check(t, err)
	equal(t, stats.Hits, int64(7))
}

func TestClosingTheClientWaitsUntilTheServerHangsUp(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f"})
	check(t, err)
	check(t, client.Close())
	check(t, client.Close())
	equal(t, server.methods(), []string{"probe.add"})
	equal(t, probe.Why(), "session closed")
	_, err = probe.Stats(ctx)
	hasCode(t, err, "server.gone")
	hasCode(t, client.Err(), "server.gone")
}

func TestADetachedSessionIsLeftAloneAndCanBeResumed(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f"})
	check(t, err)
	token, err := client.Detach(ctx, time.Second)
	check(t, err)
	check(t, probe.Close())
	check(t, client.Close())
	equal(t, server.methods(), []string{"probe.add", "session.detach"})
	ctx, second := dial(t, server)
	probes, err := second.Resume(ctx, token)
	check(t, err)
	equal(t, probes[0].ID(), "p1")
	equal(t, server.heard()[2].Params, map[string]any{"token": token})
}

func TestAnErrorHasItsCodeNumberHintAndFacts(t *testing.T) {
	ctx, client := dial(t, serve(t, session()))
	err := client.Call(ctx, "no.such", nil, nil)
	var refusal *Error
	if !errors.As(err, &refusal) {
		t.Fatalf("%T", err)
	}
	equal(t, []any{refusal.Code, refusal.Number, refusal.Hint, refusal.Data["near"]}, []any{"rpc.method", -32601, "Try", "x"})
	equal(t, err.Error(), "No method\nhint: Try")
}

func TestABatchOfNoneOrTooManyIsRefusedHere(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	hasCode(t, client.Batch(ctx), "usage.request") // The server could not say whose fault that is.
	hasCode(t, client.Batch(ctx, make([]*Request, batchRequests+1)...), "usage.request")
	equal(t, len(server.heard()), 0)
}

func TestManyGoroutinesShareASession(t *testing.T) {
	ctx, client := dial(t, serve(t, func(request said, to *peer) { to.result(request, request.Params["n"]) }))
	var running sync.WaitGroup
	wrong := make(chan error, 16*100)
	for first := 0; first < 1600; first += 100 {
		running.Add(1)
		go func(first int) {
			defer running.Done()
			for n := first; n < first+100; n++ {
				var answer int
				if err := client.Call(ctx, "echo", map[string]int{"n": n}, &answer); err != nil || answer != n {
					wrong <- fmt.Errorf("%d: %d, %v", n, answer, err)
				}
			}
		}(first)
	}
	running.Wait()
	equal(t, len(wrong), 0)
}

func TestAProbeThatIsAddedAfterItsContextEndedIsRemoved(t *testing.T) {
	asked := make(chan struct{})
	var held said
	removed := make(chan struct{})
	server := serve(t, func(request said, to *peer) {
		switch request.Method {
		case "probe.add":
			held = request
			close(asked)
		case "server.info":
			to.result(held, map[string]any{"probes": []any{map[string]any{"id": "p9"}}})
			to.result(request, map[string]any{})
		case "probe.remove":
			if request.ID == nil && request.Params["probe"] == "p9" {
				close(removed)
			}
		}
	})
	ctx, client := dial(t, server)
	short, cancel := context.WithCancel(ctx)
	go func() {
		<-asked
		cancel()
	}()
	_, err := client.Probe(short, ProbeSpec{Target: "/bin/app:f"})
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	_, err = client.Info(ctx)
	check(t, err)
	within(t, "the removal", removed)
}

func TestAServerThatGoesAwayEndsEveryCall(t *testing.T) {
	ctx, client := dial(t, serve(t, func(_ said, to *peer) { to.Close() }))
	_, err := client.Info(ctx)
	hasCode(t, err, "server.gone")
	within(t, "the end", client.Done())
	_, err = client.Info(ctx)
	hasCode(t, err, "server.gone")
}

func TestAnAnswerThatCannotBeReadEndsTheConnection(t *testing.T) {
	for _, line := range []string{"nonsense", `{"jsonrpc":"2.0","id":999,"result":1}`, "[1]", `{"jsonrpc":"2.0","id":"x","result":1}`,
		`{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"bad","data":{"code":"rpc.parse"}}}`} {
		ctx, client := dial(t, serve(t, func(_ said, to *peer) { _, _ = to.Write([]byte(line + "\n")) }))
		_, err := client.Info(ctx)
		hasCode(t, err, "server.gone")
	}
}

func TestARequestThatCannotBeSentIsRefused(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	for _, params := range []any{map[string]any{"x": strings.Repeat("y", requestBytes)}, map[string]any{"x": func() {}}} {
		hasCode(t, client.Call(ctx, "probe.add", params, nil), "usage.request")
	}
	_, err := client.Info(ctx)
	check(t, err)
	equal(t, server.methods(), []string{"server.info"})
}

func ticking(count int) func(said, *peer) {
	return func(request said, to *peer) {
		session()(request, to)
		if request.Method == "stats.subscribe" {
			for at := 1; at <= count; at++ {
				to.notify("stats.tick", map[string]any{"subscription": "s1", "at_ns": at,
					"probes": []any{map[string]any{"id": "p1", "target": "/bin/app:f", "hits": 3}}})
			}
		}
	}
}

func TestTicksComeUntilTheSubscriptionIsClosed(t *testing.T) {
	server := serve(t, ticking(3))
	ctx, client := dial(t, server)
	feed, err := client.Subscribe(ctx, 10*time.Millisecond)
	check(t, err)
	for at := int64(1); at <= 3; at++ {
		equal(t, (<-feed.Ticks()).AtNs, at)
	}
	check(t, feed.Close(ctx))
	check(t, feed.Close(ctx))
	_, isOpen := <-feed.Ticks()
	equal(t, isOpen, false)
	equal(t, server.methods(), []string{"stats.subscribe", "stats.unsubscribe"})
}

func TestALateReaderLosesTheOldestTicks(t *testing.T) {
	ctx, client := dial(t, serve(t, ticking(300)))
	feed, err := client.Subscribe(ctx, 10*time.Millisecond)
	check(t, err)
	_, err = client.Info(ctx)
	check(t, err)
	equal(t, feed.Dropped(), int64(44))
	equal(t, (<-feed.Ticks()).AtNs, int64(45))
}

func TestTheEndOfTheSessionClosesSubscriptionsAndProbes(t *testing.T) {
	server := serve(t, session())
	ctx, client := dial(t, server)
	probe, err := client.Probe(ctx, ProbeSpec{Target: "/bin/app:f"})
	check(t, err)
	feed, err := client.Subscribe(ctx, 10*time.Millisecond)
	check(t, err)
	server.connected()[0].Close()
	within(t, "the end of the probe", probe.Ended())
	equal(t, probe.Why(), "session closed")
	_, isOpen := <-feed.Ticks()
	equal(t, isOpen, false)
	hasCode(t, probe.Close(), "server.gone")
}
