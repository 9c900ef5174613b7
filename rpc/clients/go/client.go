package sb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"
)

// farewell is how long closing waits for the server; it removes the probes in
// any case.
const farewell = 5 * time.Second

// Client is a session of probes on a server.
type Client struct {
	talk    *conversation
	closing sync.Once

	// Guarded by talk.mu.
	probes map[string]*Probe
	feeds  map[string]*Subscription
}

// Dial opens a session. The path is that of the server's socket; an empty one
// tries $SB_SOCKET alone if that is set, else /run/sb/sb.sock and then
// $XDG_RUNTIME_DIR/sb.sock. The context is for connecting only.
//
// Codes: server.not_found; server.untrusted for a server that runs as neither
// root nor the caller's own user.
func Dial(ctx context.Context, path string) (*Client, error) {
	connection, err := connect(ctx, path)
	if err != nil {
		return nil, err
	}
	client := &Client{
		talk:   newConversation(connection),
		probes: map[string]*Probe{},
		feeds:  map[string]*Subscription{},
	}
	client.talk.notified = client.takeNotification
	client.talk.takeBack = client.takeBack
	client.talk.ended = client.endAll
	client.talk.start()
	return client, nil
}

// Call calls any method of the protocol. Params are marshalled to a JSON
// object, nil for none; the result is unmarshalled into what result points to,
// unless that is nil.
func (c *Client) Call(ctx context.Context, method string, params, result any) error {
	return c.call(ctx, &exchange{method: method, params: params}, result)
}

func (c *Client) call(ctx context.Context, each *exchange, result any) error {
	if err := c.converse(ctx, []*exchange{each}, false); err != nil {
		return err
	}
	if each.err != nil {
		return each.err
	}
	return unmarshal(each.method, each.result, result)
}

func (c *Client) converse(ctx context.Context, exchanges []*exchange, isBatch bool) error {
	line, err := c.talk.begin(exchanges, isBatch)
	if err != nil {
		return err
	}
	return c.talk.converse(ctx, line, exchanges)
}

// Request is one of a batch.
type Request struct {
	Method string
	Params any
	// Result is where the result is unmarshalled to; nil for nowhere.
	Result any
	// Err is how it ended, once Batch has returned nil.
	Err error
}

// Batch sends 1 to 1000 requests in one message, and waits for all answers.
// Its error is that of the whole; each request has its own.
func (c *Client) Batch(ctx context.Context, requests ...*Request) error {
	if len(requests) == 0 || len(requests) > batchRequests {
		return &Error{
			Code:    "usage.request",
			Message: fmt.Sprintf("Cannot send a batch of %d requests: 1 to %d", len(requests), batchRequests),
		}
	}
	exchanges := make([]*exchange, len(requests))
	for index, each := range requests {
		exchanges[index] = &exchange{method: each.Method, params: each.Params}
	}
	if err := c.converse(ctx, exchanges, true); err != nil {
		return err
	}
	for index, each := range requests {
		each.Err = exchanges[index].err
		if each.Err == nil {
			each.Err = unmarshal(each.Method, exchanges[index].result, each.Result)
		}
	}
	return nil
}

// Done is closed when the connection is lost or closed; Err says why.
func (c *Client) Done() <-chan struct{} { return c.talk.lost }

// Err says why the connection is lost; nil while it is not.
func (c *Client) Err() error { return c.talk.reason() }

// Close ends the session: no delay of it starts after this returns. Closing
// again does nothing.
func (c *Client) Close() error {
	c.closing.Do(func() {
		c.talk.close()
	})
	return nil
}

// own registers probes of an answer as this session's, locked.
func (c *Client) own(rows []ProbeRow) []*Probe {
	probes := make([]*Probe, len(rows))
	for index, row := range rows {
		probes[index] = &Probe{client: c, row: row, ended: make(chan struct{})}
		c.probes[row.ID] = probes[index]
	}
	return probes
}

// endProbes ends the handles of all probes, locked.
func (c *Client) endProbes(why string) {
	for id := range c.probes {
		c.endProbe(id, why)
	}
}

func (c *Client) endProbe(id, why string) {
	if probe := c.probes[id]; probe != nil {
		delete(c.probes, id)
		probe.why = why
		close(probe.ended)
	}
}

func (c *Client) endFeeds() {
	for id, feed := range c.feeds {
		delete(c.feeds, id)
		close(feed.ticks)
	}
}

// endAll is called when the connection is lost, locked.
func (c *Client) endAll() {
	c.endProbes("session closed")
	c.endFeeds()
}

func (c *Client) takeNotification(method string, params json.RawMessage) {
	switch method {
	case "stats.tick":
		var tick Tick
		if json.Unmarshal(params, &tick) == nil && c.feeds[tick.Subscription] != nil {
			c.feeds[tick.Subscription].push(tick)
		}
	case "probe.ended":
		var ended Ended
		if json.Unmarshal(params, &ended) == nil {
			c.endProbe(ended.Probe, ended.Why)
		}
	}
}

// takeBack undoes what was done for a caller that had given up, locked.
func (c *Client) takeBack(method string, result json.RawMessage) {
	switch method {
	case "probe.add":
		var added Probes
		_ = json.Unmarshal(result, &added)
		for _, row := range added.Probes {
			c.talk.notify("probe.remove", probeParams{row.ID})
		}
	case "count.add":
		var counting Counting
		_ = json.Unmarshal(result, &counting)
		c.talk.notify("count.remove", countParams{counting.Count})
	case "stats.subscribe":
		var subscribed Subscribed
		_ = json.Unmarshal(result, &subscribed)
		c.talk.notify("stats.unsubscribe", subscribed)
	}
}

// isCode says whether an error has one of the codes.
func isCode(err error, codes ...string) bool {
	var refusal *Error
	if !errors.As(err, &refusal) {
		return false
	}
	for _, code := range codes {
		if refusal.Code == code {
			return true
		}
	}
	return false
}
