// Makes a sandbox source, syncs ten postings, reads one graduate's
// recommendation. Go 1.19, the standard library only.
// usage: go run main.go http://127.0.0.1:8080 GRADUATE
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

type region struct {
	System string `json:"system"`
	Code   string `json:"code"`
}

type location struct {
	Region region `json:"region"`
}

type posting struct {
	SourcePostingID string            `json:"sourcePostingId"`
	Title           string            `json:"title"`
	Employer        map[string]string `json:"employer"`
	Locations       []location        `json:"locations"`
	Education       map[string]string `json:"education"`
	Openings        int               `json:"openings"`
	Description     string            `json:"description"`
}

// What a line of a sync's answer may be: a row's result, the counts, an error.
type line struct {
	RowNumber string         `json:"rowNumber"`
	Status    string         `json:"status"`
	Committed map[string]any `json:"committed"`
	Error     map[string]any `json:"error"`
}

type matches struct {
	Matches []struct {
		Rank    int     `json:"rank"`
		Posting posting `json:"posting"`
		Reasons []struct {
			TextZh string `json:"textZh"`
		} `json:"reasons"`
	} `json:"matches"`
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(69)
	}
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	check(err)
	return text
}

// Tries again after 503, and after nothing else.
func post(url, kind string, body []byte) (int, io.ReadCloser) {
	pause := 100 * time.Millisecond
	for attempt := 1; ; attempt++ {
		request, err := http.NewRequest("POST", url, bytes.NewReader(body))
		check(err)
		request.Header.Set("Content-Type", kind)
		request.Header.Set("X-Request-Timeout", "20s")
		// The server's token, if it asks for one.
		if file := os.Getenv("GRADMATCH_TOKEN_FILE"); file != "" {
			token, err := os.ReadFile(file)
			check(err)
			request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(string(token)))
		}
		response, err := http.DefaultClient.Do(request)
		check(err)
		if response.StatusCode != 503 || attempt == 4 {
			return response.StatusCode, response.Body
		}
		response.Body.Close()
		time.Sleep(pause)
		if pause *= 2; pause > 2*time.Second {
			pause = 2 * time.Second
		}
	}
}

func fail(body io.Reader) {
	// google.rpc.Status: its message is for people, its reason for programs.
	io.Copy(os.Stderr, body)
	os.Exit(65)
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: go run main.go http://127.0.0.1:8080 GRADUATE")
		os.Exit(64)
	}
	server, graduate, source := os.Args[1], os.Args[2], "try-go"

	status, body := post(server+"/v1/sources?sourceId="+source, "application/json",
		marshal(map[string]any{
			"displayName": "Go 试验", "kind": "KIND_SCHOOL", "sandbox": true}))
	if status != 200 && status != 409 { // 409: it is there already
		fail(body)
	}
	body.Close()

	var rows bytes.Buffer
	for i := 1; i <= 10; i++ {
		rows.Write(marshal(posting{
			SourcePostingID: fmt.Sprint(i),
			Title:           "软件工程师",
			Employer:        map[string]string{"name": "武汉示例科技有限公司"},
			Locations:       []location{{region{"region", "420100"}}},
			Education:       map[string]string{"minLevel": "EDUCATION_LEVEL_BACHELOR"},
			Openings:        2,
			Description:     "负责后端服务的开发与维护。",
		}))
		rows.WriteByte('\n')
	}
	status, body = post(server+"/v1/sources/"+source+"/postings:sync?expectedCount=10",
		"application/x-ndjson", rows.Bytes())
	if status != 200 {
		fail(body)
	}
	for lines := bufio.NewScanner(body); lines.Scan(); {
		var answer line
		check(json.Unmarshal(lines.Bytes(), &answer))
		switch {
		case answer.Committed != nil:
			fmt.Println("同步：", answer.Committed)
		case answer.Error != nil:
			fmt.Println("第", answer.RowNumber, "行：", answer.Error["message"])
		}
	}
	body.Close()

	status, body = post(server+"/v1/graduates/"+graduate+":matchPostings",
		"application/json", marshal(map[string]any{"pageSize": 3}))
	if status != 200 {
		fail(body)
	}
	var found matches
	check(json.NewDecoder(body).Decode(&found))
	body.Close()
	for _, match := range found.Matches {
		fmt.Println("推荐：", match.Rank, match.Posting.Title, match.Reasons)
	}
}
