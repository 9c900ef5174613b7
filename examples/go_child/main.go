// Starts a child, slows a function of it by 20 µs a call, and prints the
// difference that makes to the child:
//
//	sudo sb serve &
//	cd examples/go_child && go build && ./go_child
//
// ("go run" strips the symbols that the probe is found by.)
package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"strconv"
	"time"

	sb "sb/client"
)

const (
	calls = 20_000
	delay = 20 * time.Microsecond
)

var sum int

//go:noinline
func work(n int) int { return n ^ sum }

// child answers each line with the nanoseconds that a call took.
func child() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		start := time.Now()
		for n := 0; n < calls; n++ {
			sum += work(n)
		}
		fmt.Println(time.Since(start).Nanoseconds() / calls)
	}
}

// ask makes the child work once, and gives the nanoseconds a call took.
func ask(input io.Writer, output *bufio.Scanner) (int, error) {
	if _, err := io.WriteString(input, "\n"); err != nil {
		return 0, err
	}
	output.Scan()
	return strconv.Atoi(output.Text())
}

func run(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	command := exec.Command(program, "child")
	input, err := command.StdinPipe()
	if err != nil {
		return err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return err
	}
	if err := command.Start(); err != nil {
		return err
	}
	defer command.Wait()
	defer input.Close() // It ends the child.
	lines := bufio.NewScanner(output)

	client, err := sb.Dial(ctx, "")
	if err != nil {
		return err
	}
	defer client.Close()
	before, err := ask(input, lines)
	if err != nil {
		return err
	}
	probe, err := client.Probe(ctx, sb.ProbeSpec{Path: program, Symbol: "main.work", Delay: delay, PID: command.Process.Pid})
	if err != nil {
		return err
	}
	slowed, err := ask(input, lines)
	if err != nil {
		return err
	}
	stats, err := probe.Remove(ctx)
	if err != nil {
		return err
	}
	after, err := ask(input, lines)
	if err != nil {
		return err
	}
	fmt.Printf("%d calls in the child, %d ns each\n", calls, before)
	fmt.Printf("with %s more in main.work: %d ns each, %d ns more\n", delay, slowed, slowed-before)
	fmt.Printf("afterwards: %d ns each\n", after)
	fmt.Printf("%d hits, %d ns longer each\n", stats.Hits, *stats.MeanNs)
	return nil
}

func main() {
	if len(os.Args) > 1 {
		child()
		return
	}
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}
