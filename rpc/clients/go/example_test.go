package sb_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	sb "sb/client"
)

// A function of a child is made 5 µs slower while the child works.
func Example() {
	ctx := context.Background()
	client, err := sb.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	probe, err := client.Probe(ctx, sb.ProbeSpec{
		Path: "/usr/bin/python3", Symbol: "PyObject_GetAttr",
		Delay: 5 * time.Microsecond, PID: os.Getpid(),
	})
	if err != nil {
		log.Fatal(err)
	}
	defer probe.Close()
	// The work to measure stands here.
	stats, err := probe.Stats(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Hits, "hits were each", stats.DelayNs, "ns longer")
	// Output: 3 hits were each 5000 ns longer
}

// Every tenth call of malloc is delayed, by times drawn from an exponential
// distribution; the probe is changed while it is live.
func ExampleClient_Probe() {
	ctx := context.Background()
	client, err := sb.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	probe, err := client.Probe(ctx, sb.ProbeSpec{Target: "libc.so.6:malloc", Spec: "exp:2us,every=10"})
	var refusal *sb.Error
	if errors.As(err, &refusal) {
		log.Fatalf("%s: %s", refusal.Code, refusal.Message)
	}
	if err := probe.Update(ctx, sb.Change{Delay: sb.Ptr(10 * time.Microsecond)}); err != nil {
		log.Fatal(err)
	}
	stats, err := probe.Remove(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(stats.Delayed, "of", stats.Hits, "calls were delayed")
	// Output: 2 of 7 calls were delayed
}

// Figures ten times a second.
func ExampleClient_Subscribe() {
	ctx := context.Background()
	client, err := sb.Dial(ctx, "")
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	feed, err := client.Subscribe(ctx, 100*time.Millisecond)
	if err != nil {
		log.Fatal(err)
	}
	for tick := range feed.Ticks() {
		for _, stats := range tick.Probes {
			fmt.Println(stats.Target, stats.Hits)
		}
		break // The work to watch ends this.
	}
	// Output: /bin/app:f 3
}
