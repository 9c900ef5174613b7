// Package sb is the client of `sb serve`: it makes native functions slower by
// an exact time, in one process tree, until the probe is closed or the program
// ends in whatever way.
//
//	client, err := sb.Dial(ctx, "")
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	probe, err := client.Probe(ctx, sb.ProbeSpec{
//		Path: "/usr/bin/python3", Symbol: "PyObject_GetAttr",
//		Delay: 5 * time.Microsecond, PID: child.Process.Pid,
//	})
//	if err != nil {
//		return err
//	}
//	runBenchmark()
//	stats, err := probe.Remove(ctx)
//
// A Client is a session: what it adds is its own, and is undone when its
// connection ends. Its methods may be called from any number of goroutines. A
// context that ends gives its call up; a probe that is added late all the same
// is removed. A lost connection stays lost: Dial again for a new session.
//
// Refusals are of type *Error with a stable Code:
//
//	if errors.Is(err, &sb.Error{Code: "probe.symbol_not_found"}) { ... }
//
// The package needs Linux and nothing beyond the standard library.
package sb
