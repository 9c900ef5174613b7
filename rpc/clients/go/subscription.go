package sb

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"time"
)

// ticksKept is how many ticks wait for a reader that is late.
const ticksKept = 256

// Subscription gives figures at an interval. A reader that is late loses the
// oldest of 256 ticks; ticks carry totals, so that only resolution is lost.
type Subscription struct {
	client  *Client
	id      string
	ticks   chan Tick
	dropped atomic.Int64
}

// Subscribe asks for the figures of all probes of the session at an interval
// of at least 10 ms. The context is for the call only.
func (c *Client) Subscribe(ctx context.Context, interval time.Duration) (*Subscription, error) {
	feed := &Subscription{client: c, ticks: make(chan Tick, ticksKept)}
	var answer Subscribed
	each := &exchange{method: "stats.subscribe", params: map[string]any{"interval_ns": interval.Nanoseconds()}}
	each.settle = func(result json.RawMessage) error {
		// Ticks may follow in the very next line.
		err := unmarshal(each.method, result, &answer)
		feed.id = answer.Subscription
		c.feeds[feed.id] = feed
		return err
	}
	if err := c.call(ctx, each, nil); err != nil {
		return nil, err
	}
	return feed, nil
}

// ID is "s1", "s2" and so on.
func (s *Subscription) ID() string { return s.id }

// Ticks is closed when the subscription or the session ends.
func (s *Subscription) Ticks() <-chan Tick { return s.ticks }

// Dropped is how many ticks nobody took in time.
func (s *Subscription) Dropped() int64 { return s.dropped.Load() }

// Close ends the subscription. Closing again does nothing.
func (s *Subscription) Close(ctx context.Context) error {
	s.client.talk.mu.Lock()
	isOpen := s.client.feeds[s.id] == s
	if isOpen {
		delete(s.client.feeds, s.id)
		close(s.ticks)
	}
	s.client.talk.mu.Unlock()
	if !isOpen {
		return nil
	}
	return s.client.Call(ctx, "stats.unsubscribe", Subscribed{s.id}, nil)
}

// push is called locked.
func (s *Subscription) push(tick Tick) {
	for {
		select {
		case s.ticks <- tick:
			return
		default:
		}
		select {
		case <-s.ticks:
			s.dropped.Add(1)
		default:
		}
	}
}
