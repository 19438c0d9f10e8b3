#include "tests/server/http/http_client.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"

namespace gradmatch {

HttpClient::HttpClient(int port) {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval limit = {.tv_sec = 30, .tv_usec = 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  if (connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    close(fd_);
    fd_ = -1;
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

bool HttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

void HttpClient::HalfClose() { shutdown(fd_, SHUT_WR); }

void HttpClient::Abort() { shutdown(fd_, SHUT_RDWR); }

bool HttpClient::Fill() {
  char piece[64 << 10];
  const ssize_t n = recv(fd_, piece, sizeof(piece), 0);
  if (n <= 0) return false;
  buffer_.append(piece, static_cast<size_t>(n));
  return true;
}

bool HttpClient::TakeLine(std::string& line) {
  size_t end = buffer_.find("\r\n");
  while (end == std::string::npos) {
    if (!Fill()) return false;
    end = buffer_.find("\r\n");
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool HttpClient::Take(size_t size, std::string& to) {
  while (buffer_.size() < size) {
    if (!Fill()) return false;
  }
  to.append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

HttpClient::Response HttpClient::ReadHead() {
  Response response;
  std::string line;
  do {
    if (!TakeLine(line)) return response;
    if (!absl::StartsWith(line, "HTTP/1.1 ")) return response;
    const int status = std::atoi(line.c_str() + 9);
    response.headers.clear();
    while (true) {
      if (!TakeLine(line)) return response;
      if (line.empty()) break;
      const size_t colon = line.find(": ");
      response.headers[absl::AsciiStrToLower(line.substr(0, colon))] =
          line.substr(colon + 2);
    }
    response.status = status;
  } while (response.status == 100);
  chunked_ = response.headers["transfer-encoding"] == "chunked";
  body_ended_ = false;
  line_.clear();
  return response;
}

HttpClient::Response HttpClient::Read(bool head_only) {
  Response response = ReadHead();
  if (response.status == 0) return response;
  if (head_only || response.status == 304) {
    response.whole = true;
    return response;
  }
  if (!chunked_) {
    const auto length = response.headers.find("content-length");
    const size_t size =
        length == response.headers.end()
            ? 0
            : std::strtoull(length->second.c_str(), nullptr, 10);
    response.whole = Take(size, response.body);
    return response;
  }
  std::string line;
  while (TakeLine(line)) {
    const size_t size = std::strtoull(line.c_str(), nullptr, 16);
    if (!Take(size, response.body) || !TakeLine(line)) return response;
    if (size == 0) {
      response.whole = true;
      return response;
    }
  }
  return response;
}

std::string HttpClient::ReadLine() {
  while (true) {
    const size_t end = line_.find('\n');
    if (end != std::string::npos) {
      std::string out = line_.substr(0, end);
      line_.erase(0, end + 1);
      return out;
    }
    if (body_ended_) return "";
    std::string head;
    if (!TakeLine(head)) return "";
    const size_t size = std::strtoull(head.c_str(), nullptr, 16);
    body_ended_ = size == 0;
    if (!Take(size, line_) || !TakeLine(head)) return "";
  }
}

bool HttpClient::ClosedByServer() { return buffer_.empty() && !Fill(); }

std::string HttpClient::Request(std::string_view method,
                                std::string_view target, std::string_view body,
                                const std::vector<std::string>& headers) {
  std::string out = absl::StrCat(A(method), " ", A(target),
                                 " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  bool chunked = false;
  for (const std::string& header : headers) {
    absl::StrAppend(&out, header, "\r\n");
    chunked = chunked || absl::StartsWith(header, "Transfer-Encoding");
  }
  if (!chunked && (!body.empty() || (method != "GET" && method != "HEAD"))) {
    absl::StrAppend(&out, "Content-Length: ", body.size(), "\r\n");
  }
  absl::StrAppend(&out, "\r\n", A(body));
  return out;
}

HttpClient::Response HttpClient::Call(std::string_view method,
                                      std::string_view target,
                                      std::string_view body,
                                      const std::vector<std::string>& headers) {
  if (!Send(Request(method, target, body, headers))) return {};
  return Read(method == "HEAD");
}

HttpClient::Response HttpClient::CallJson(
    std::string_view method, std::string_view target, std::string_view body,
    const std::vector<std::string>& headers) {
  std::vector<std::string> all = headers;
  all.push_back("Content-Type: application/json");
  return Call(method, target, body, all);
}

std::string HttpClient::Chunk(std::string_view piece) {
  return absl::StrCat(absl::Hex(piece.size()), "\r\n", A(piece), "\r\n");
}

}  // namespace gradmatch
