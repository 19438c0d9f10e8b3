#ifndef GRADMATCH_TESTS_SERVER_OVERLOAD_HTTP2_PEER_H_
#define GRADMATCH_TESTS_SERVER_OVERLOAD_HTTP2_PEER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"

namespace gradmatch {

// One HTTP/2 connection by hand (RFC 9113), to send what no library would. For
// one thread.
class Http2Peer {
 public:
  enum Type : uint8_t {
    kData = 0,
    kHeaders = 1,
    kRstStream = 3,
    kSettings = 4,
    kPing = 6,
    kGoAway = 7,
    kContinuation = 9,
  };
  static constexpr uint8_t kEndStream = 1;
  static constexpr uint8_t kAck = 1;
  static constexpr uint8_t kEndHeaders = 4;
  static constexpr uint32_t kEnhanceYourCalm = 11;
  static constexpr uint32_t kRefusedStream = 7;
  static constexpr uint32_t kCancel = 8;

  struct Frame {
    uint8_t type = 0;
    uint8_t flags = 0;
    uint32_t stream = 0;
    std::string payload;
    // Of RST_STREAM, and of GOAWAY, where it comes second.
    uint32_t ErrorCode() const;
  };

  // Connects to 127.0.0.1; ends the program with a message if it cannot.
  explicit Http2Peer(int port);
  ~Http2Peer();
  Http2Peer(Http2Peer&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), got_(std::move(other.got_)) {}

  // False when the other end has closed.
  bool Send(std::string_view bytes);
  bool Send(const Frame& frame);
  // Preface and empty settings.
  bool Open();

  // The next frame; nullopt when the connection is closed, or nothing comes in
  // time (then closed() is false). Settings and pings are acknowledged.
  std::optional<Frame> Read(absl::Duration timeout = absl::Seconds(20));
  // The next frame of this type; others are skipped.
  std::optional<Frame> Await(Type type);
  bool closed() const { return closed_; }
  // Reads until it is closed.
  bool AwaitClosed();

 private:
  bool Fill(size_t bytes, absl::Time until);

  int fd_;
  std::string got_;
  bool closed_ = false;
};

// Header fields without compression (RFC 7541, literals without indexing).
std::string HeaderBlock(
    const std::vector<std::pair<std::string, std::string>>& fields);
// A gRPC call's; `path` is "/package.Service/Method".
std::string CallHeaders(const std::string& path);
// All frames of a call with an empty request.
std::string CallFrames(const std::string& path, uint32_t stream);
std::string Serialize(const Http2Peer::Frame& frame);
std::string BigEndian32(uint32_t value);

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_OVERLOAD_HTTP2_PEER_H_
