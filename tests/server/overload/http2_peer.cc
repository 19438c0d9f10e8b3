#include "tests/server/overload/http2_peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "absl/time/clock.h"

namespace gradmatch {
namespace {

constexpr size_t kFrameHead = 9;

uint32_t ReadBigEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) {
    value = value << 8 | static_cast<unsigned char>(byte);
  }
  return value;
}

// A length with seven bits in its first byte.
std::string HpackLength(size_t length) {
  std::string out;
  if (length < 127) return std::string(1, static_cast<char>(length));
  out.push_back(127);
  for (length -= 127; length >= 128; length /= 128) {
    out.push_back(static_cast<char>(length % 128 + 128));
  }
  out.push_back(static_cast<char>(length));
  return out;
}

}  // namespace

std::string BigEndian32(uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
  return out;
}

std::string Serialize(const Http2Peer::Frame& frame) {
  std::string out =
      BigEndian32(static_cast<uint32_t>(frame.payload.size())).substr(1);
  out.push_back(static_cast<char>(frame.type));
  out.push_back(static_cast<char>(frame.flags));
  return out + BigEndian32(frame.stream) + frame.payload;
}

std::string HeaderBlock(
    const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) {
    out.push_back(0);
    out += HpackLength(name.size()) + name + HpackLength(value.size()) + value;
  }
  return out;
}

std::string CallHeaders(const std::string& path) {
  return HeaderBlock({{":method", "POST"},
                      {":scheme", "http"},
                      {":path", path},
                      {":authority", "localhost"},
                      {"te", "trailers"},
                      {"content-type", "application/grpc"}});
}

std::string CallFrames(const std::string& path, uint32_t stream) {
  return Serialize({Http2Peer::kHeaders, Http2Peer::kEndHeaders, stream,
                    CallHeaders(path)}) +
         Serialize({Http2Peer::kData, Http2Peer::kEndStream, stream,
                    std::string(5, '\0')});
}

uint32_t Http2Peer::Frame::ErrorCode() const {
  return ReadBigEndian(
      std::string_view(payload).substr(type == kGoAway ? 4 : 0, 4));
}

Http2Peer::Http2Peer(int port)
    : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(port));
  if (connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
    std::perror("http2 peer: connect");
    std::abort();
  }
}

Http2Peer::~Http2Peer() {
  if (fd_ >= 0) close(fd_);
}

bool Http2Peer::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

bool Http2Peer::Send(const Frame& frame) { return Send(Serialize(frame)); }

bool Http2Peer::Open() {
  return Send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") &&
         Send(Frame{kSettings, 0, 0, ""});
}

bool Http2Peer::Fill(size_t bytes, absl::Time until) {
  while (got_.size() < bytes) {
    const absl::Duration left =
        std::max(until - absl::Now(), absl::ZeroDuration());
    const absl::Duration wait = absl::Ceil(left, absl::Milliseconds(1));
    pollfd ready = {.fd = fd_, .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(wait))) <=
        0) {
      if (left == absl::ZeroDuration()) return false;
      continue;
    }
    char buffer[16'384];
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) {
      closed_ = true;
      return false;
    }
    got_.append(buffer, static_cast<size_t>(n));
  }
  return true;
}

std::optional<Http2Peer::Frame> Http2Peer::Read(absl::Duration timeout) {
  const absl::Time until = absl::Now() + timeout;
  if (!Fill(kFrameHead, until)) return std::nullopt;
  const size_t length = ReadBigEndian(std::string_view(got_).substr(0, 3));
  if (!Fill(kFrameHead + length, until)) return std::nullopt;
  Frame frame{static_cast<uint8_t>(got_[3]), static_cast<uint8_t>(got_[4]),
              ReadBigEndian(std::string_view(got_).substr(5, 4)),
              got_.substr(kFrameHead, length)};
  got_.erase(0, kFrameHead + length);
  const bool acknowledges = (frame.flags & kAck) != 0;
  if (frame.type == kSettings && !acknowledges) {
    Send(Frame{kSettings, kAck, 0, ""});
  } else if (frame.type == kPing && !acknowledges) {
    Send(Frame{kPing, kAck, 0, frame.payload});
  }
  return frame;
}

std::optional<Http2Peer::Frame> Http2Peer::Await(Type type) {
  while (std::optional<Frame> frame = Read()) {
    if (frame->type == type) return frame;
  }
  return std::nullopt;
}

bool Http2Peer::AwaitClosed() {
  while (Read().has_value()) {
  }
  return closed_;
}

}  // namespace gradmatch
