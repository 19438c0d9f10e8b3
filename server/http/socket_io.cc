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
#include <utility>

namespace gradmatch {
namespace {

constexpr size_t kBufferBytes = 16 << 10;

absl::Time SteadyNow() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace

SocketIo::SocketIo(int fd, std::unique_ptr<TlsSession> tls)
    : fd_(fd), tls_(std::move(tls)), buffer_(kBufferBytes, '\0') {
  fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
  fcntl(fd_, F_SETFD, FD_CLOEXEC);
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

SocketIo::~SocketIo() {
  if (tls_ != nullptr) tls_->SayGoodbye();
  close(fd_);
}

TlsStep SocketIo::Handshake() {
  if (tls_ == nullptr) return TlsStep::kDone;
  const TlsStep step = tls_->Handshake();
  if (step == TlsStep::kDone) peer_uris_ = tls_->PeerUris();
  return step;
}

void SocketIo::AnswerPlainHttp(std::string_view answer) {
  if (tls_ == nullptr || !tls_->PeerSpeaksPlainHttp()) return;
  // What fits the socket's buffer, which is empty.
  (void)!send(fd_, answer.data(), answer.size(), MSG_NOSIGNAL);
  Linger();
}

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

bool SocketIo::HasBuffered() const {
  return begin_ < end_ || (tls_ != nullptr && tls_->HasPending());
}

bool SocketIo::WaitReadable(absl::Duration time) const {
  return HasBuffered() || Wait(POLLIN, time);
}

TlsStep SocketIo::Receive(size_t* done) {
  if (tls_ != nullptr) return tls_->Read(buffer_.data(), buffer_.size(), done);
  ssize_t n = 0;
  do {
    n = recv(fd_, buffer_.data(), buffer_.size(), 0);
  } while (n < 0 && errno == EINTR);
  if (n == 0) return TlsStep::kClosed;
  if (n < 0) {
    return errno == EAGAIN || errno == EWOULDBLOCK ? TlsStep::kWantRead
                                                   : TlsStep::kFailed;
  }
  *done = static_cast<size_t>(n);
  return TlsStep::kDone;
}

TlsStep SocketIo::Send(std::string_view bytes, size_t* done) {
  if (tls_ != nullptr) return tls_->Write(bytes, done);
  ssize_t n = 0;
  do {
    n = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (n < 0 && errno == EINTR);
  if (n <= 0) {
    return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)
               ? TlsStep::kWantWrite
               : TlsStep::kFailed;
  }
  *done = static_cast<size_t>(n);
  return TlsStep::kDone;
}

ssize_t SocketIo::Read(char* to, size_t size) {
  while (begin_ == end_) {
    size_t n = 0;
    const TlsStep step = Receive(&n);
    if (step == TlsStep::kClosed) return 0;
    if (step == TlsStep::kFailed) return -1;
    if (step == TlsStep::kDone) {
      begin_ = 0;
      end_ = n;
      break;
    }
    const absl::Duration time = std::min(idle_, read_end_ - SteadyNow());
    const short event = step == TlsStep::kWantRead ? POLLIN : POLLOUT;
    if (time <= absl::ZeroDuration() || !Wait(event, time)) return -1;
  }
  const size_t n = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_.data() + begin_, n);
  begin_ += n;
  return static_cast<ssize_t>(n);
}

bool SocketIo::Write(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t n = 0;
    const TlsStep step = Send(bytes, &n);
    if (step == TlsStep::kDone) {
      bytes.remove_prefix(n);
    } else if (step == TlsStep::kWantRead || step == TlsStep::kWantWrite) {
      const short event = step == TlsStep::kWantRead ? POLLIN : POLLOUT;
      if (!Wait(event, idle_)) return false;
    } else {
      return false;
    }
  }
  return true;
}

void SocketIo::Linger() {
  constexpr int kMostReads = 64;  // a megabyte
  if (tls_ != nullptr) tls_->SayGoodbye();
  shutdown(fd_, SHUT_WR);
  begin_ = end_ = 0;
  const absl::Time end = SteadyNow() + absl::Seconds(1);
  char dropped[kBufferBytes];
  for (int i = 0; i < kMostReads && SteadyNow() < end; ++i) {
    if (!Wait(POLLIN, absl::Milliseconds(300))) return;
    if (recv(fd_, dropped, sizeof(dropped), 0) <= 0) return;
  }
}

void SocketIo::Shutdown() { shutdown(fd_, SHUT_RDWR); }

void SocketIo::ShutdownReading() { shutdown(fd_, SHUT_RD); }

}  // namespace gradmatch
