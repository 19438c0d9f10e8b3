#include "server/http/socket_io.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace gradmatch {
namespace {

constexpr size_t kBufferBytes = 16 << 10;

absl::Time SteadyNow() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

SocketIo::SocketIo(int fd) : fd_(fd), buffer_(kBufferBytes, '\0') {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  fcntl(fd_, F_SETFD, FD_CLOEXEC);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

SocketIo::~SocketIo() { close(fd_); }

void SocketIo::SetLimits(absl::Duration idle, absl::Duration total) {
  idle_ = idle;
  read_end_ = SteadyNow() + total;
}

bool SocketIo::Wait(short events, absl::Duration time) const {
  pollfd ready = {.fd = fd_, .events = events, .revents = 0};
  const int64_t millis = std::clamp<int64_t>(absl::ToInt64Milliseconds(time), 0,
                                             24 * 3'600 * 1'000);
  int n = 0;
  do {
    n = poll(&ready, 1, static_cast<int>(millis));
  } while (n < 0 && errno == EINTR);
  return n > 0;
}

bool SocketIo::WaitReadable(absl::Duration time) const {
  return HasBuffered() || Wait(POLLIN, time);
}

ssize_t SocketIo::Read(char* to, size_t size) {
  while (begin_ == end_) {
    const ssize_t n = recv(fd_, buffer_.data(), buffer_.size(), 0);
    if (n == 0) return 0;
    if (n > 0) {
      begin_ = 0;
      end_ = static_cast<size_t>(n);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      const absl::Duration time = std::min(idle_, read_end_ - SteadyNow());
      if (time <= absl::ZeroDuration() || !Wait(POLLIN, time)) return -1;
    } else if (errno != EINTR) {
      return -1;
    }
  }
  const size_t n = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, n);
  begin_ += n;
  return static_cast<ssize_t>(n);
}

bool SocketIo::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) {
      bytes.remove_prefix(static_cast<size_t>(n));
    } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!Wait(POLLOUT, idle_)) return false;
    } else if (n == 0 || errno != EINTR) {
      return false;
    }
  }
  return true;
}

void SocketIo::Linger() {
  constexpr int kMostReads = 64;  // a megabyte
  shutdown(fd_, SHUT_WR);
  SetLimits(absl::Milliseconds(300), absl::Seconds(1));
  begin_ = end_ = 0;
  char dropped[kBufferBytes];
  for (int i = 0; i < kMostReads && Read(dropped, sizeof(dropped)) > 0; ++i) {
  }
}

void SocketIo::Shutdown() { shutdown(fd_, SHUT_RDWR); }

void SocketIo::ShutdownReading() { shutdown(fd_, SHUT_RD); }

}  // namespace gradmatch
