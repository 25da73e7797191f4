package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// runCurl is the little of curl that a look at another service needs: curl [-s] [-S] [-m seconds] [-o file] [-w format] URL.
// It ends with curl's own codes: 28 for a timeout, 7 where nobody answers.
func runCurl(args []string) int {
	flags := flag.NewFlagSet("curl", flag.ContinueOnError)
	_ = flags.Bool("s", false, "silent")
	_ = flags.Bool("S", false, "but show errors")
	_ = flags.Bool("sS", false, "both")
	seconds := flags.Float64("m", 0, "time limit")
	output := flags.String("o", "", "file for the body")
	format := flags.String("w", "", "what to write at the end")
	if err := flags.Parse(args); err != nil || flags.NArg() != 1 {
		return 2
	}
	client := &http.Client{Timeout: time.Duration(*seconds * float64(time.Second))}
	response, err := client.Get(flags.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		var failure interface{ Timeout() bool }
		if errors.As(err, &failure) && failure.Timeout() {
			return 28
		}
		return 7
	}
	defer response.Body.Close()
	body := io.Writer(os.Stdout)
	if *output != "" {
		body = io.Discard
	}
	if _, err := io.Copy(body, response.Body); err != nil {
		fmt.Fprintln(os.Stderr, "curl:", err)
		return 18
	}
	fmt.Print(strings.ReplaceAll(*format, "%{http_code}", strconv.Itoa(response.StatusCode)))
	return 0
}
