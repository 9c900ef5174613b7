package sb

import (
	"context"
	"encoding/json"
	"time"
)

// Info tells the server's version, backends, features and limits.
func (c *Client) Info(ctx context.Context) (ServerInfo, error) {
	var info ServerInfo
	err := c.Call(ctx, "server.info", nil, &info)
	return info, err
}

// Plan resolves and judges what Probes would add, and applies nothing.
func (c *Client) Plan(ctx context.Context, spec ProbeSpec) (Plan, error) {
	var plan Plan
	params, err := spec.params()
	if err == nil {
		err = c.Call(ctx, "probe.plan", params, &plan)
	}
	return plan, err
}

// List gives the probes of the session; all adds those of one's other
// sessions, and of everybody's for root.
func (c *Client) List(ctx context.Context, all bool) ([]ListedProbe, error) {
	params := struct {
		All bool `json:"all,omitempty"`
	}{all}
	var list ProbeList
	err := c.Call(ctx, "probe.list", params, &list)
	return list.Probes, err
}

// Stats gives the figures of all probes of the session.
func (c *Client) Stats(ctx context.Context) ([]Stats, error) {
	var list AllStats
	err := c.Call(ctx, "probe.stats", nil, &list)
	return list.Probes, err
}

// Enable enables all probes of the session.
func (c *Client) Enable(ctx context.Context) error { return c.Call(ctx, "probe.enable", nil, nil) }

// Disable disables all probes of the session.
func (c *Client) Disable(ctx context.Context) error { return c.Call(ctx, "probe.disable", nil, nil) }

// Clear removes all probes of the session; it stays open.
func (c *Client) Clear(ctx context.Context) error {
	each := &exchange{method: "probe.clear"}
	each.settle = func(json.RawMessage) error {
		c.endProbes("removed")
		return nil
	}
	return c.call(ctx, each, nil)
}

// SymbolQuery says which symbols are looked for.
type SymbolQuery struct {
	// File is a path, or the name of a library.
	File string
	// Pattern is a part of a name, a glob or a /regular expression/; empty
	// for all.
	Pattern string
	// Limit is 1 to 10000; 0 is 1000.
	Limit int
	// PID is a process in whose mount namespace the file is; 0 is this one.
	PID int
}

// Symbols lists the functions that can be targets.
func (c *Client) Symbols(ctx context.Context, query SymbolQuery) (Symbols, error) {
	var found Symbols
	file, err := absoluteTarget(query.File)
	if err != nil {
		return found, err
	}
	params := struct {
		File    string `json:"file"`
		Pattern string `json:"pattern,omitempty"`
		Limit   int    `json:"limit,omitempty"`
		PID     int    `json:"pid,omitempty"`
	}{file, query.Pattern, query.Limit, query.PID}
	err = c.Call(ctx, "symbols.search", params, &found)
	return found, err
}

// Detach leaves the session's probes with the server for 1 s to 1 h, and gives
// the token that resumes them, which is a secret. The handles end with
// "detached", subscriptions end, and the Client goes on with an empty session.
func (c *Client) Detach(ctx context.Context, ttl time.Duration) (string, error) {
	var answer Detached
	each := &exchange{method: "session.detach", params: map[string]any{"ttl_ns": ttl.Nanoseconds()}}
	each.settle = func(json.RawMessage) error {
		c.endProbes("detached")
		c.endFeeds()
		return nil
	}
	err := c.call(ctx, each, &answer)
	return answer.Token, err
}

// Resume takes over the session that a process of the same user detached. The
// Client must have no probe.
func (c *Client) Resume(ctx context.Context, token string) ([]*Probe, error) {
	return c.callForProbes(ctx, &exchange{method: "session.resume", params: Detached{token}})
}
