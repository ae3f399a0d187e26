// A Server URL in Go's standard library: SERVER_URL_SECRET=… PORT=3000 go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

type message struct {
	Type         string
	Call         struct{ ID string }
	Analysis     struct{ Summary string }
	FunctionCall struct {
		Name       string
		Parameters map[string]any
	}
}

var answered sync.Map // by webhook-id; in earnest a table, so that it outlives the process

func isSigned(key []byte, head http.Header, body []byte) bool {
	id, at := head.Get("webhook-id"), head.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if age := time.Since(time.Unix(seconds, 0)); err != nil || age > 5*time.Minute || age < -5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, at, body)
	wanted := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, given := range strings.Fields(head.Get("webhook-signature")) {
		if hmac.Equal([]byte(given), []byte(wanted)) {
			return true
		}
	}
	return false
}

func answer(m message) map[string]any {
	switch {
	case m.Type == "function-call" && m.FunctionCall.Name == "findSlots":
		return map[string]any{"result": fmt.Sprintf("On %v nine o'clock is free.", m.FunctionCall.Parameters["day"])}
	case m.Type == "function-call":
		return map[string]any{"error": "There is no tool " + m.FunctionCall.Name + "."}
	case m.Type == "end-of-call-report":
		log.Println("report of", m.Call.ID, m.Analysis.Summary)
	}
	return map[string]any{"received": true} // 200 for every other type, also those that come later
}

func main() {
	secret := os.Getenv("SERVER_URL_SECRET")
	key := []byte(secret)
	if strings.HasPrefix(secret, "whsec_") {
		key, _ = base64.StdEncoding.DecodeString(secret[len("whsec_"):])
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		reply := func(status int, body any) {
			w.Header().Set("content-type", "application/json")
			w.WriteHeader(status)
			json.NewEncoder(w).Encode(body)
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 5<<20))
		var whole struct{ Message message }
		switch {
		case r.Method != http.MethodPost:
			reply(405, map[string]any{"error": "A Server URL takes POST."})
		case err != nil:
			reply(413, map[string]any{"error": "The body is too long."})
		case !isSigned(key, r.Header, body):
			reply(401, map[string]any{"error": "The signature does not fit."})
		case json.Unmarshal(body, &whole) != nil:
			reply(400, map[string]any{"error": "The body is not a message."})
		default:
			id := r.Header.Get("webhook-id")
			given, found := answered.Load(id)
			if !found {
				given, _ = answered.LoadOrStore(id, answer(whole.Message))
			}
			reply(200, given)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
