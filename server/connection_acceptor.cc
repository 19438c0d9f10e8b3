#include "server/connection_acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace gradmatch {
namespace {

constexpr int kBacklog = 1'024;
constexpr int kLookMillis = 1'000;  // for connections that closed
constexpr int kStarvedMillis = 10;  // until accepting is tried again

absl::Status CannotListen(const std::string& address, const char* why) {
  return absl::UnavailableError(
      absl::StrCat("cannot listen on ", address, ": ", why,
                   "; choose another server.grpc_listen, or stop who has it"));
}

int OpenReserve() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// The numeric address of the peer, without its port.
std::string AddressOf(const sockaddr_storage& peer) {
  char text[INET6_ADDRSTRLEN] = "";
  if (peer.ss_family == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(peer).sin_addr,
              text, sizeof text);
  } else if (peer.ss_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(peer).sin6_addr,
              text, sizeof text);
  }
  return text;
}

int PortOf(int fd) {
  sockaddr_storage own{};
  socklen_t size = sizeof own;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return 0;
  return ntohs(own.ss_family == AF_INET6
                   ? reinterpret_cast<const sockaddr_in6&>(own).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(own).sin_port);
}

// The socket behind a descriptor; 0 when it is closed or something else.
ino_t SocketOf(int fd) {
  struct stat about;
  if (fstat(fd, &about) != 0 || !S_ISSOCK(about.st_mode)) return 0;
  return about.st_ino;
}

bool IsStarved(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS ||
         error == ENOMEM;
}

// -1 and errno when it cannot be had.
int OpenOne(const addrinfo& address) {
  const int fd =
      socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  const int on = 1;
  // The last process's connections may still be winding up.
  if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(fd, address.ai_addr, address.ai_addrlen) == 0 &&
      listen(fd, kBacklog) == 0) {
    return fd;
  }
  const int error = errno;
  close(fd);
  errno = error;
  return -1;
}

// A listening socket on the first of the name's addresses that is to be had,
// IPv4 before IPv6: that is what people mean by localhost.
absl::StatusOr<int> OpenListener(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return CannotListen(address, "it is no host:port");
  }
  std::string host = address.substr(0, colon);
  host = std::string(absl::StripSuffix(absl::StripPrefix(host, "["), "]"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.empty() ? nullptr : host.c_str(),
                                 address.c_str() + colon + 1, &hints, &found);
  if (failed != 0) return CannotListen(address, gai_strerror(failed));
  const auto free_found = absl::MakeCleanup([found] { freeaddrinfo(found); });
  int error = EADDRNOTAVAIL;
  for (const int family : {AF_INET, AF_INET6}) {
    for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
      if (one->ai_family != family) continue;
      const int fd = OpenOne(*one);
      if (fd >= 0) return fd;
      error = errno;
    }
  }
  return CannotListen(address, std::strerror(error));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> ConnectionAcceptor::Listen(
    const std::string& address, const Limits& limits) {
  const absl::StatusOr<int> listener = OpenListener(address);
  if (!listener.ok()) return listener.status();
  const int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake < 0) {
    close(*listener);
    return CannotListen(address, std::strerror(errno));
  }
  return std::unique_ptr<ConnectionAcceptor>(
      new ConnectionAcceptor(*listener, wake, PortOf(*listener), limits));
}

ConnectionAcceptor::ConnectionAcceptor(int listener, int wake, int port,
                                       const Limits& limits)
    : listener_(listener), wake_(wake), port_(port), limits_(limits) {
  reserve_ = OpenReserve();
}

ConnectionAcceptor::~ConnectionAcceptor() {
  Stop();
  close(listener_);
  close(wake_);
  if (reserve_ >= 0) close(reserve_);
}

void ConnectionAcceptor::Start(std::function<void(int)> take) {
  take_ = std::move(take);
  thread_ = std::thread([this] { Loop(); });
}

void ConnectionAcceptor::Stop() {
  stopping_ = true;
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof one);
  if (thread_.joinable()) thread_.join();
  // Who connects from now on is refused, and does not wait for nobody.
  shutdown(listener_, SHUT_RDWR);
}

void ConnectionAcceptor::Loop() {
  while (!stopping_) {
    pollfd ready[2] = {{.fd = listener_, .events = POLLIN, .revents = 0},
                       {.fd = wake_, .events = POLLIN, .revents = 0}};
    poll(ready, 2, kLookMillis);
    if (stopping_) return;
    ForgetClosed();
    if ((ready[0].revents & POLLIN) != 0) AcceptAll();
  }
}

void ConnectionAcceptor::AcceptAll() {
  while (!stopping_) {
    sockaddr_storage peer{};
    socklen_t size = sizeof peer;
    const int fd = accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size,
                           SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && IsStarved(errno)) return TurnAwayOne();
    // Others are of that one connection, which is gone.
    if (fd < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (fd < 0) continue;
    std::string address = AddressOf(peer);
    if (!HasRoomFor(address)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      close(fd);
      continue;
    }
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_[fd] = {SocketOf(fd), std::move(address)};
    open_.store(static_cast<int64_t>(connections_.size()),
                std::memory_order_relaxed);
    take_(fd);
  }
}

// The reserve's descriptor is used to take up the first of those that wait and
// to close it; then there is a pause, for others to give theirs back.
void ConnectionAcceptor::TurnAwayOne() {
  starved_.fetch_add(1, std::memory_order_relaxed);
  if (reserve_ >= 0) {
    close(reserve_);
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      close(fd);
    }
  }
  reserve_ = OpenReserve();
  pollfd stop = {.fd = wake_, .events = POLLIN, .revents = 0};
  poll(&stop, 1, kStarvedMillis);
}

bool ConnectionAcceptor::HasRoomFor(const std::string& address) {
  const auto full = [&] {
    if (static_cast<int>(connections_.size()) >= limits_.max_connections) {
      return true;
    }
    return limits_.max_of_address > 0 &&
           std::ranges::count_if(connections_, [&](const auto& entry) {
             return entry.second.address == address;
           }) >= limits_.max_of_address;
  };
  if (!full()) return true;
  ForgetClosed();
  return !full();
}

void ConnectionAcceptor::ForgetClosed() {
  std::erase_if(connections_, [](const auto& entry) {
    return SocketOf(entry.first) != entry.second.socket;
  });
  open_.store(static_cast<int64_t>(connections_.size()),
              std::memory_order_relaxed);
}

}  // namespace gradmatch
