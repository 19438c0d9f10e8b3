// Whatever arrives at the HTTP listener, over a real socket.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "server/http/http_listener.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

// Reads the body and answers how it ended.
void Answer(HttpExchange& exchange) {
  size_t total = 0;
  const auto end = exchange.ReadBody(
      [&](std::string_view piece) {
        total += piece.size();
        return total < (1 << 20);
      },
      absl::Seconds(5), absl::Seconds(5));
  exchange.Reply({.status = end == HttpExchange::BodyEnd::kWhole ? 200 : 400,
                  .headers = {{"Content-Type", "text/plain"}},
                  .body = std::to_string(total)});
}

std::unique_ptr<HttpListener> OpenListener() {
  HttpListenerOptions options;
  options.address = "127.0.0.1:0";
  options.threads = 2;
  auto listener = HttpListener::Listen(options, Answer);
  PROMISE(listener.ok());
  return *std::move(listener);
}

// Sends the bytes, says that no more come, and reads until the other side
// closes.
std::string Exchange(int port, std::string_view bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  PROMISE(fd >= 0);
  const timeval limit{.tv_sec = 10, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  sockaddr_in to = {};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  PROMISE(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) == 0);
  (void)!send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  shutdown(fd, SHUT_WR);
  std::string answer;
  char buffer[4096];
  ssize_t n = 0;
  while ((n = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
    answer.append(buffer, static_cast<size_t>(n));
  }
  // Whatever was sent, the connection ends: the time limit is not reached.
  PROMISE(n == 0 || errno == ECONNRESET);
  // Ports of connections that linger would run out.
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  close(fd);
  return answer;
}

}  // namespace

// Every connection ends, with nothing or with answers; a sound request behind
// it, on its own connection, is answered.
void FuzzHttpBytes(std::string_view bytes) {
  static HttpListener& listener = *OpenListener().release();
  if (bytes.size() > (64 << 10)) return;
  const std::string answer = Exchange(listener.port(), bytes);
  PROMISE(answer.empty() || answer.starts_with("HTTP/1."));
  static int calls = 0;
  if (++calls % 64 != 0) return;
  const std::string sound =
      Exchange(listener.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  PROMISE(sound.starts_with("HTTP/1.1 200"));
}

}  // namespace gradmatch
