// How the watchdog tries a listener.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "server/watchdog.h"

namespace gradmatch {
namespace {

constexpr absl::Duration kAtOnce = absl::Milliseconds(50);

Probe Failed(int64_t before, const std::function<int64_t()>& door_count) {
  return door_count() > before ? Probe::kAccepted : Probe::kNoAnswer;
}

bool HasDescriptor() {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno != EMFILE && errno != ENFILE;
  close(fd);
  return true;
}

// Whether something may be done with `fd` in time.
bool Await(int fd, short events, absl::Time until) {
  while (true) {
    const absl::Duration left = until - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    pollfd ready = {.fd = fd, .events = events, .revents = 0};
    const int n =
        poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(left)) + 1);
    if (n > 0) return true;
    if (n < 0 && errno != EINTR) return false;
  }
}

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketAddress ParseAddress(const std::string& address) {
  SocketAddress out;
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  host = std::string(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  int port = 0;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port)) {
    return out;
  }
  auto& v4 = reinterpret_cast<sockaddr_in&>(out.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(out.storage);
  if (inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host.c_str(),
                &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(port));
    out.size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(port));
    out.size = sizeof v6;
  }
  return out;
}

bool Connect(int fd, const SocketAddress& to, absl::Time until) {
  if (connect(fd, reinterpret_cast<const sockaddr*>(&to.storage), to.size) ==
      0) {
    return true;
  }
  if (errno != EINPROGRESS || !Await(fd, POLLOUT, until)) return false;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0;
}

// Whether something comes back for `text`, or the end when that counts.
bool Replies(int fd, const SocketAddress& to, std::string_view text,
             bool end_counts, absl::Time until) {
  if (!Connect(fd, to, until)) return false;
  if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(text.size())) {
    return false;
  }
  char first[5];
  if (!Await(fd, POLLIN, until)) return false;
  return recv(fd, first, sizeof first, 0) > 0 || end_counts;
}

Probe TryTcp(const SocketAddress& to, std::string_view text, bool end_counts,
             absl::Duration timeout) {
  const int fd = socket(to.storage.ss_family,
                        SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    return errno == EMFILE || errno == ENFILE ? Probe::kNotTried
                                              : Probe::kNoAnswer;
  }
  const auto close_fd = absl::MakeCleanup([fd] { close(fd); });
  return Replies(fd, to, text, end_counts, absl::Now() + timeout)
             ? Probe::kAnswered
             : Probe::kNoAnswer;
}

}  // namespace

std::shared_ptr<grpc::Channel> DialOwnListener(const std::string& address) {
  grpc::ChannelArguments arguments;
  // Never a connection that is there already: a dead listener keeps those.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

Prober GrpcProber(std::function<std::shared_ptr<grpc::Channel>()> dial,
                  std::function<int64_t()> door_count) {
  return [dial = std::move(dial),
          door_count = std::move(door_count)](absl::Duration timeout) {
    if (!HasDescriptor()) return Probe::kNotTried;
    const int64_t before = door_count();
    const auto stub = grpc::health::v1::Health::NewStub(dial());
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    grpc::health::v1::HealthCheckResponse response;
    const grpc::Status status = stub->Check(&context, {}, &response);
    switch (status.error_code()) {
      case grpc::StatusCode::UNAVAILABLE:
      case grpc::StatusCode::DEADLINE_EXCEEDED:
        return Failed(before, door_count);
      default:
        return Probe::kAnswered;
    }
  };
}

// Any answer will do, also that it is overloaded.
Prober HttpProber(const std::string& address,
                  std::function<int64_t()> door_count) {
  return [to = ParseAddress(address),
          door_count = std::move(door_count)](absl::Duration timeout) {
    constexpr std::string_view kRequest =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const int64_t before = door_count();
    const Probe probe = TryTcp(to, kRequest, /*end_counts=*/false, timeout);
    if (probe != Probe::kNoAnswer) return probe;
    absl::SleepFor(kAtOnce);  // It may be closed before it is counted.
    return Failed(before, door_count);
  };
}

Prober TcpProber(const std::string& address) {
  return [to = ParseAddress(address)](absl::Duration timeout) {
    return TryTcp(to, "\r\n\r\n\r\n\r\n\r\n\r\n", /*end_counts=*/true, timeout);
  };
}

}  // namespace gradmatch
