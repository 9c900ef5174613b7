package sb

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// turn is a line of the client in the recorded conversation, with what the
// server said to it.
type turn struct {
	client  any
	answers []any
}

// readTranscript reads rpc/transcript.jsonl.
func readTranscript(t *testing.T) []turn {
	file, err := os.Open("../../transcript.jsonl")
	check(t, err)
	defer file.Close()
	var turns []turn
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var entry map[string]any
		check(t, json.Unmarshal(lines.Bytes(), &entry))
		if client, isClient := entry["client"]; isClient {
			turns = append(turns, turn{client: client})
		} else {
			last := &turns[len(turns)-1]
			last.answers = append(last.answers, entry["server"])
		}
	}
	check(t, lines.Err())
	return turns
}

// items are the messages of a line, a batch or not.
func items(line any) []any {
	if batch, isBatch := line.([]any); isBatch {
		return batch
	}
	return []any{line}
}

// withoutIDs gives messages that can be compared, and the ids they had.
func withoutIDs(line any) (comparable []any, ids []any) {
	for _, item := range items(line) {
		message := map[string]any{"params": map[string]any{}}
		for name, value := range item.(map[string]any) {
			message[name] = value
		}
		if id, hasID := message["id"]; hasID {
			ids = append(ids, id)
			message["id"] = "an id"
		}
		comparable = append(comparable, message)
	}
	return comparable, ids
}

// replay holds the server's part; the rest of the turns is in it.
func replay(t *testing.T, turns []turn) func([]byte, *peer) {
	next := 0
	return func(line []byte, to *peer) {
		var sent any
		if err := json.Unmarshal(line, &sent); err != nil || next == len(turns) {
			t.Errorf("unexpected: %s", line)
			to.Close()
			return
		}
		recorded := turns[next]
		next++
		seen, ids := withoutIDs(sent)
		expected, _ := withoutIDs(recorded.client)
		seenText, _ := json.Marshal(seen)
		expectedText, _ := json.Marshal(expected)
		if string(seenText) != string(expectedText) {
			t.Errorf("%s where %s was recorded", seenText, expectedText)
			to.Close()
			return
		}
		for _, answer := range recorded.answers {
			for _, item := range items(answer) {
				if message := item.(map[string]any); message["id"] != nil {
					message["id"], ids = ids[0], ids[1:]
				}
			}
			to.send(answer)
		}
	}
}

// results are what the server answered, in order; errors among them.
func results(turns []turn) []any {
	var all []any
	for _, each := range turns {
		for _, item := range items(each.answers[0]) {
			message := item.(map[string]any)
			if fault, isFault := message["error"]; isFault {
				all = append(all, fault)
			} else {
				all = append(all, message["result"])
			}
		}
	}
	return all
}

// asSent turns what the client gave into what it was on the wire.
func asSent(t *testing.T, given any) any {
	if refusal, isError := given.(*Error); isError {
		data := map[string]any{"code": refusal.Code, "hint": nil}
		if refusal.Hint != "" {
			data["hint"] = refusal.Hint
		}
		for name, value := range refusal.Data {
			data[name] = value
		}
		given = map[string]any{"code": refusal.Number, "message": refusal.Message, "data": data}
	}
	text, err := json.Marshal(given)
	check(t, err)
	var sent any
	check(t, json.Unmarshal(text, &sent))
	return sent
}

func TestTheRecordedConversationIsHeld(t *testing.T) {
	turns := readTranscript(t)
	recorded := results(turns)
	server := listen(filepath.Join(t.TempDir(), "sb.sock"), replay(t, turns))
	t.Cleanup(server.close)
	ctx, client := dial(t, server)
	var given []any
	give := func(value any, err error) {
		t.Helper()
		check(t, err)
		given = append(given, value)
	}
	refused := func(err error) {
		t.Helper()
		given = append(given, err.(*Error))
	}
	nothing := map[string]any{}
	const tree = 4242
	const target = "libc.so.6:getppid"

	info, err := client.Info(ctx)
	give(info, err)
	plan, err := client.Plan(ctx, ProbeSpec{Target: "libc.so.6:getp[gp]id", Spec: "5us,every=10", PID: tree})
	give(plan, err)
	probe, err := client.Probe(ctx, ProbeSpec{Target: target, Delay: 50 * time.Microsecond, PID: tree})
	check(t, err)
	give(Probes{[]ProbeRow{probe.Row()}}, nil)
	stats, err := probe.Stats(ctx)
	give(AllStats{[]Stats{stats}, []string{}}, err)
	give(nothing, probe.Update(ctx, Change{Delay: Ptr(100 * time.Microsecond)}))
	give(nothing, probe.Disable(ctx))
	give(nothing, probe.Enable(ctx))
	list, err := client.List(ctx, false)
	give(ProbeList{list, []string{}}, err)
	feed, err := client.Subscribe(ctx, 10*time.Millisecond)
	check(t, err)
	give(Subscribed{feed.ID()}, nil)
	ticks := []any{<-feed.Ticks(), <-feed.Ticks()}
	give(nothing, feed.Close(ctx))
	symbols, err := client.Symbols(ctx, SymbolQuery{File: "libc.so.6", Pattern: "/^getppid$/", Limit: 10})
	give(symbols, err)
	_, err = client.Count(ctx, 0)
	refused(err)
	counted := &Count{client, Counting{Count: "c1"}}
	_, err = counted.Read(ctx, CountQuery{Limit: 10})
	refused(err)
	_, err = counted.Remove(ctx)
	refused(err)
	var batched AllStats
	var listed ProbeList
	batch := []*Request{
		{Method: "probe.stats", Params: probeParams{"p1"}, Result: &batched},
		{Method: "probe.stats", Params: probeParams{"p9"}},
		{Method: "probe.list", Result: &listed},
	}
	give(&batched, client.Batch(ctx, batch...))
	refused(batch[1].Err)
	give(&listed, batch[2].Err)
	refused(client.Call(ctx, "probe.ad", nil, nil))
	refused(client.Call(ctx, "probe.add", map[string]any{"target": target, "delay_ns": 50_000, "evry": 10}, nil))
	_, err = client.Probe(ctx, ProbeSpec{Target: "libc.so.6:getpppid", Delay: 50 * time.Microsecond, PID: tree})
	refused(err)
	stats, err = probe.Remove(ctx)
	give(stats, err)
	second, err := client.Probe(ctx, ProbeSpec{Target: target, Spec: "exp:100us", PID: tree})
	check(t, err)
	give(Probes{[]ProbeRow{second.Row()}}, nil)
	token, err := client.Detach(ctx, time.Minute)
	give(map[string]any{"token": token}, err)
	equal(t, second.Why(), "detached")
	resumed, err := client.Resume(ctx, token)
	check(t, err)
	give(Probes{[]ProbeRow{resumed[0].Row()}}, nil)
	within(t, "the end of the probe", resumed[0].Ended())
	give(nothing, client.Clear(ctx))

	equal(t, len(given), len(recorded))
	for index, each := range given {
		equal(t, asSent(t, each), asSent(t, recorded[index]))
	}
	var told []any
	for _, each := range turns {
		for _, notification := range each.answers[1:] {
			told = append(told, notification.(map[string]any)["params"])
		}
	}
	ticks = append(ticks, map[string]any{"probe": "p2", "why": resumed[0].Why()})
	equal(t, asSent(t, ticks), asSent(t, told))
}
