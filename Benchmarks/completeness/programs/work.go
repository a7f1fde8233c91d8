// Goroutines, maps, sorting, formatting, system calls and garbage, for as many rounds as the argument says.
package main

import (
	"fmt"
	"os"
	"sort"
	"strconv"
	"strings"
	"sync"
)

//go:noinline
func fibonacci(n int) int {
	if n < 2 {
		return n
	}
	return fibonacci(n-1) + fibonacci(n-2)
}

func round(seed int) int {
	counts := map[string]int{}
	var words []string
	for i := 0; i < 2000; i++ {
		words = append(words, "word"+strconv.Itoa((i*7919+seed)%509))
	}
	for _, word := range words {
		counts[word]++
	}
	sort.Slice(words, func(i, j int) bool { return words[i] > words[j] })
	text := fmt.Sprintf("%v %d", words[:20], len(counts))
	return len(strings.ToUpper(text)) + fibonacci(18) + os.Getppid()
}

func main() {
	rounds := 100
	if len(os.Args) > 1 {
		rounds, _ = strconv.Atoi(os.Args[1])
	}
	var group sync.WaitGroup
	var lock sync.Mutex
	sum := 0
	for worker := 0; worker < 4; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			for i := 0; i < rounds/4; i++ {
				n := round(i + worker)
				lock.Lock()
				sum += n
				lock.Unlock()
			}
		}(worker)
	}
	group.Wait()
	fmt.Println(sum)
}
