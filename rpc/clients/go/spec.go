package sb

import (
	"os"
	"path/filepath"
	"strings"
	"time"
)

// ProbeSpec says what is made slower, by how much and for whom. The zero value
// of a field is its default.
type ProbeSpec struct {
	// Path and Symbol name a function of an ELF file; or
	Path, Symbol string
	// Target does: "FILE:PLACE[%return]" as on the command line.
	Target string

	// Delay is added to each hit: 0 (hits are only counted) to 10 s; or
	Delay time.Duration
	// Spec says it, a distribution or schedule included: "exp:2us,every=10".
	Spec string

	// PID is the root of the process tree that is slowed: a process, not a
	// thread. 0 is this process. Or
	PID int
	// Cgroup is a folder of the version 2 hierarchy, or
	Cgroup string
	// System means every process of the machine.
	System bool

	// At is "entry" or "return".
	At string
	// How is "spin" or "sleep".
	How string
	// Every says that each Nth hit is delayed.
	Every int64
	// Probability of being delayed, above 0 to 1.
	Probability float64
	// Times is how many delays there are at the most; 0 is no limit.
	Times int64
	// Start and Duration are the window, from the moment the probe is live; a
	// Duration of 0 has no end.
	Start, Duration time.Duration
	// Uncompensated says that the floor is not subtracted from the delay.
	Uncompensated bool
	// Isolation is "auto", "per-process" or "shared".
	Isolation string
}

// params are the parameters of probe.add. The server judges them.
func (s *ProbeSpec) params() (*AddParams, error) {
	target := s.Target
	if (target == "") == (s.Path == "" && s.Symbol == "") || (s.Path == "") != (s.Symbol == "") {
		return nil, &Error{Code: "usage.target", Message: "Cannot tell what to probe: give Path and Symbol, or Target"}
	}
	if target == "" {
		target = s.Path + ":" + s.Symbol
	}
	absolute, err := absoluteTarget(target)
	if err != nil {
		return nil, err
	}
	params := &AddParams{
		Target:      absolute,
		Spec:        named(s.Spec),
		DelayNs:     named(s.Delay.Nanoseconds()),
		At:          named(s.At),
		How:         named(s.How),
		Every:       named(s.Every),
		Probability: named(s.Probability),
		Times:       named(named(s.Times)),
		StartNs:     named(s.Start.Nanoseconds()),
		DurationNs:  named(named(s.Duration.Nanoseconds())),
		Isolation:   named(s.Isolation),
	}
	if s.Spec == "" {
		params.DelayNs = Ptr(s.Delay.Nanoseconds())
	}
	if s.Uncompensated {
		params.Compensate = Ptr(false)
	}
	scope := ScopeAsked{Tree: named(int64(s.PID)), Cgroup: named(s.Cgroup), System: named(s.System)}
	params.Scope = named(scope)
	return params, nil
}

// NoLimit takes a limit away: Change{Times: sb.Ptr[int64](sb.NoLimit)}.
const NoLimit = -1

// Change says what becomes of a live probe; what is nil or empty is kept.
// Naming Times, Every, Start or Duration begins that counter or window anew.
type Change struct {
	Delay       *time.Duration
	Spec        string
	How         string
	Every       *int64
	Probability *float64
	// Times is how many delays there are at the most; NoLimit.
	Times *int64
	Start *time.Duration
	// Duration is the length of the window; NoLimit.
	Duration   *time.Duration
	Compensate *bool
}

// Ptr gives a pointer to a value, for a Change.
func Ptr[T any](value T) *T { return &value }

func (c *Change) params(probe string) *UpdateParams {
	return &UpdateParams{
		Probe:       probe,
		Spec:        named(c.Spec),
		DelayNs:     nanoseconds(c.Delay),
		How:         named(c.How),
		Every:       c.Every,
		Probability: c.Probability,
		Times:       limit(c.Times),
		StartNs:     nanoseconds(c.Start),
		DurationNs:  limit(nanoseconds(c.Duration)),
		Compensate:  c.Compensate,
	}
}

// named gives a pointer to a value, nil to the zero value.
func named[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func nanoseconds(value *time.Duration) *int64 {
	if value == nil {
		return nil
	}
	return Ptr(value.Nanoseconds())
}

// limit gives a pointer to nil, which is null on the wire, for NoLimit.
func limit(value *int64) **int64 {
	switch {
	case value == nil:
		return nil
	case *value == NoLimit:
		return new(*int64)
	}
	return &value
}

// absoluteTarget makes a relative path in a target absolute, because the
// server has another working folder. Bare names stay.
func absoluteTarget(target string) (string, error) {
	head, rest, hasRest := strings.Cut(target, ":")
	if !strings.Contains(head, "/") || filepath.IsAbs(head) {
		return target, nil
	}
	folder, err := os.Getwd()
	if err != nil {
		return "", &Error{Code: "usage.target", Message: "Cannot make the path of " + target + " absolute: " + err.Error(), cause: err}
	}
	// Not cleaned: ".." behind a link is not the folder above its name.
	whole := folder + "/" + head
	if hasRest {
		whole += ":" + rest
	}
	return whole, nil
}
