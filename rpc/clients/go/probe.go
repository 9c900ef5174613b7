package sb

import (
	"context"
	"encoding/json"
	"fmt"
)

// Probe is a live probe of a session.
type Probe struct {
	client *Client
	row    ProbeRow
	ended  chan struct{}
	why    string // Guarded by talk.mu.
}

// Probe makes one function slower, from now until the probe is closed. Its
// code is usage.target when a pattern names several functions: Probes takes
// those.
func (c *Client) Probe(ctx context.Context, spec ProbeSpec) (*Probe, error) {
	probes, err := c.Probes(ctx, spec)
	if err != nil {
		return nil, err
	}
	if len(probes) == 1 {
		return probes[0], nil
	}
	for _, probe := range probes {
		if err := probe.Close(); err != nil {
			return nil, err
		}
	}
	return nil, &Error{
		Code:    "usage.target",
		Message: fmt.Sprintf("Cannot make one probe of the target: it names %d functions", len(probes)),
		Hint:    "Use Probes, which gives all of them",
	}
}

// Probes adds a probe for each function that the target names, all or none.
func (c *Client) Probes(ctx context.Context, spec ProbeSpec) ([]*Probe, error) {
	params, err := spec.params()
	if err != nil {
		return nil, err
	}
	return c.callForProbes(ctx, &exchange{method: "probe.add", params: params})
}

// callForProbes calls a method whose answer makes probes this session's.
func (c *Client) callForProbes(ctx context.Context, each *exchange) ([]*Probe, error) {
	var probes []*Probe
	each.settle = func(result json.RawMessage) error {
		var list Probes
		err := unmarshal(each.method, result, &list)
		probes = c.own(list.Probes)
		return err
	}
	err := c.call(ctx, each, nil)
	return probes, err
}

// probeParams name one probe.
type probeParams struct {
	Probe string `json:"probe"`
}

// ID is "p1", "p2" and so on: unique in the server.
func (p *Probe) ID() string { return p.row.ID }

// Row is the probe as it was when it was added: its target, scope, sites and
// floor. Its figures are those of that moment.
func (p *Probe) Row() ProbeRow { return p.row }

// Ended is closed when the probe has ended; Why says how.
func (p *Probe) Ended() <-chan struct{} { return p.ended }

// Why says how the probe ended: "scope empty" (its process tree ended),
// "removed", "expired", "detached", "session closed"; empty while it lives.
func (p *Probe) Why() string {
	p.client.talk.mu.Lock()
	defer p.client.talk.mu.Unlock()
	return p.why
}

// Stats gives the figures so far.
func (p *Probe) Stats(ctx context.Context) (Stats, error) {
	var list AllStats
	if err := p.client.Call(ctx, "probe.stats", probeParams{p.row.ID}, &list); err != nil {
		return Stats{}, err
	}
	if len(list.Probes) != 1 {
		return Stats{}, unreadable("probe.stats", fmt.Errorf("%d probes", len(list.Probes)))
	}
	return list.Probes[0], nil
}

// Update changes the probe while it is live.
func (p *Probe) Update(ctx context.Context, change Change) error {
	return p.client.Call(ctx, "probe.update", change.params(p.row.ID), nil)
}

// Enable lets delays happen again after Disable.
func (p *Probe) Enable(ctx context.Context) error {
	return p.client.Call(ctx, "probe.enable", probeParams{p.row.ID}, nil)
}

// Disable keeps the probe from delaying and counting until Enable; its figures
// stay.
func (p *Probe) Disable(ctx context.Context) error {
	return p.client.Call(ctx, "probe.disable", probeParams{p.row.ID}, nil)
}

// Remove takes the probe away and gives its last figures: when it returns no
// further delay starts.
func (p *Probe) Remove(ctx context.Context) (Stats, error) {
	var stats Stats
	each := &exchange{method: "probe.remove", params: probeParams{p.row.ID}}
	each.settle = func(json.RawMessage) error {
		p.client.endProbe(p.row.ID, "removed")
		return nil
	}
	err := p.client.call(ctx, each, &stats)
	return stats, err
}

// Close removes the probe. It waits some seconds at the most, and does nothing
// when the probe was removed or detached before. The code server.gone says
// that the session was lost meanwhile: the probe is gone, and so are figures.
func (p *Probe) Close() error {
	switch p.Why() {
	case "removed", "detached":
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	_, err := p.Remove(ctx)
	if isCode(err, "probe.not_found") {
		return nil
	}
	return err
}
