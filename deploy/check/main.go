// Checks what is written for Docker by the code of Docker itself: a Compose file by the loader of Compose, a Dockerfile by the parser
// and the linter of BuildKit. Docker need not be there. Every fault is a line on stdout; the exit code is 1 when there is one.
//
//	go run . compose FILE…        go run . dockerfile FILE…
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	check := map[string]func(string) []string{"compose": compose, "dockerfile": dockerfile}
	if len(os.Args) < 3 || check[os.Args[1]] == nil {
		fmt.Println("usage: compose FILE… | dockerfile FILE…")
		os.Exit(2)
	}
	faults := 0
	for _, path := range os.Args[2:] {
		for _, fault := range check[os.Args[1]](path) {
			fmt.Printf("%s: %s\n", path, fault)
			faults++
		}
	}
	if faults > 0 {
		os.Exit(1)
	}
}

func compose(path string) []string {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithOsEnv)
	if err != nil {
		return []string{err.Error()}
	}
	if _, err := options.LoadProject(context.Background()); err != nil {
		return []string{err.Error()}
	}
	return nil
}

func dockerfile(path string) (faults []string) {
	file, err := os.Open(path)
	if err != nil {
		return []string{err.Error()}
	}
	defer file.Close()
	parsed, err := parser.Parse(file)
	if err != nil {
		return []string{err.Error()}
	}
	for _, warning := range parsed.Warnings {
		faults = append(faults, warning.Short)
	}
	lint := linter.New(&linter.Config{Warn: func(rule, _, _, message string, _ []parser.Range) {
		faults = append(faults, rule+": "+message)
	}})
	if _, _, err := instructions.Parse(parsed.AST, lint); err != nil {
		faults = append(faults, err.Error())
	}
	return faults
}
