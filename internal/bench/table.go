package main

import (
	"fmt"
	"slices"
	"time"
)

func printHeadings() {
	fmt.Printf("%-13s %-9s %10s %8s %8s %8s %6s %7s\n",
		"operation", "server", "requests/s", "p50 ms", "p99 ms", "cpu µs", "ratio", "errors")
}

func printRow(operation, server string, rounds []result) {
	errors := 0
	for _, r := range rounds {
		errors += r.errors
	}
	fmt.Printf("%-13s %-9s %10.0f %8.2f %8.2f %8.1f %6.2f %7d\n", operation, server,
		median(rounds, func(r result) float64 { return r.rate }),
		median(rounds, func(r result) float64 { return r.percentile(50).Seconds() * 1e3 }),
		median(rounds, func(r result) float64 { return r.percentile(99).Seconds() * 1e3 }),
		median(rounds, func(r result) float64 { return r.cost.Seconds() * 1e6 }),
		median(rounds, func(r result) float64 { return r.ratio }),
		errors)
}

// percentile gives the latency that p in 100 requests did not exceed.
func (r *result) percentile(p int) time.Duration {
	if len(r.latencies) == 0 {
		return 0
	}
	return r.latencies[(len(r.latencies)-1)*p/100]
}

func median(rounds []result, value func(result) float64) float64 {
	var values []float64
	for _, r := range rounds {
		values = append(values, value(r))
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
