#include "server/http/connection_pool.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"

namespace gradmatch {
namespace {

// How long a thread that nobody else needs waits for the next request of the
// connection it served: a caller in a loop is then answered without a
// hand-over.
constexpr absl::Duration kStay = absl::Milliseconds(20);
constexpr int kTickMillis = 500;  // idle connections are looked for as often

}  // namespace

ConnectionPool::ConnectionPool(const Limits& limits, Security security,
                               Serve serve)
    : limits_(limits),
      security_(std::move(security)),
      serve_(std::move(serve)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event = {.events = EPOLLIN, .data = {.fd = wake_}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event);
  watcher_ = std::thread([this] { Watch(); });
  for (int i = 0; i < limits_.threads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

ConnectionPool::~ConnectionPool() {
  Stop(absl::ZeroDuration());
  close(wake_);
  close(epoll_);
}

void ConnectionPool::Add(int fd) {
  accepted_.fetch_add(1, std::memory_order_relaxed);
  const bool secure = security_.accept != nullptr;
  auto connection =
      std::make_unique<Connection>(fd, secure ? security_.accept(fd) : nullptr);
  connection->secure = !secure;
  connection->events = EPOLLIN;
  connection->expires = absl::Now() + security_.handshake;
  if (open_.fetch_add(1, std::memory_order_relaxed) >=
      limits_.max_connections) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Close(std::move(connection));
  }
  Park(std::move(connection));
}

void ConnectionPool::Park(std::unique_ptr<Connection> connection) {
  const int fd = connection->io.fd();
  if (connection->secure) {
    connection->events = EPOLLIN;
    connection->expires = absl::Now() + limits_.idle;
  }
  // Told once; then it belongs to whoever takes it out of parked_.
  epoll_event event = {.events = connection->events | EPOLLRDHUP | EPOLLONESHOT,
                       .data = {.fd = fd}};
  MutexLock lock(mu_);
  if (stopping_) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return;  // closes it
  }
  parked_handshakes_ += !connection->secure;
  parked_[fd] = std::move(connection);
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
  MakeRoomForHandshakes();
}

void ConnectionPool::Close(std::unique_ptr<Connection> connection) {
  connection.reset();
  open_.fetch_sub(1, std::memory_order_relaxed);
}

std::unique_ptr<ConnectionPool::Connection> ConnectionPool::Take(
    Parked::iterator it) {
  std::unique_ptr<Connection> connection = std::move(it->second);
  parked_handshakes_ -= !connection->secure;
  parked_.erase(it);
  return connection;
}

void ConnectionPool::Drop(Parked::iterator it) {
  if (!it->second->secure) {
    failed_handshakes_.fetch_add(1, std::memory_order_relaxed);
  }
  // Closing takes it out of the epoll set.
  (void)Take(it);
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void ConnectionPool::DropExpired(absl::Time now) {
  for (auto it = parked_.begin(); it != parked_.end();) {
    const auto next = std::next(it);
    if (it->second->expires <= now) Drop(it);
    it = next;
  }
}

// Whoever means it is through in a moment, so that the oldest is the least
// likely to be one of those.
void ConnectionPool::MakeRoomForHandshakes() {
  if (parked_handshakes_ <= std::max(1, limits_.max_connections / 2)) return;
  auto oldest = parked_.end();
  for (auto it = parked_.begin(); it != parked_.end(); ++it) {
    if (it->second->secure) continue;
    if (oldest == parked_.end() ||
        it->second->expires < oldest->second->expires) {
      oldest = it;
    }
  }
  Drop(oldest);
}

void ConnectionPool::Watch() {
  std::array<epoll_event, 64> events;
  while (true) {
    const int n = epoll_wait(epoll_, events.data(),
                             static_cast<int>(events.size()), kTickMillis);
    MutexLock lock(mu_);
    if (stopping_) return;
    for (int i = 0; i < n; ++i) {
      const auto it = parked_.find(events[i].data.fd);
      if (it == parked_.end()) continue;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, it->first, nullptr);
      ready_.push_back(Take(it));
      changed_.NotifyOne();
    }
    DropExpired(absl::Now());
  }
}

bool ConnectionPool::Secure(Connection& connection) {
  const TlsStep step = connection.io.Handshake();
  if (step == TlsStep::kDone) {
    connection.secure = true;
    return true;
  }
  const bool waits = step == TlsStep::kWantRead || step == TlsStep::kWantWrite;
  if (waits && absl::Now() < connection.expires) {
    connection.events = step == TlsStep::kWantRead ? EPOLLIN : EPOLLOUT;
    return true;
  }
  failed_handshakes_.fetch_add(1, std::memory_order_relaxed);
  connection.io.AnswerPlainHttp(security_.plain_answer);
  return false;
}

bool ConnectionPool::Handle(Connection& connection) {
  if (connection.secure) return ServeOne(connection);
  if (!Secure(connection)) return false;
  // The request mostly comes with the end of the handshake.
  return !connection.secure ||
         !connection.io.WaitReadable(absl::ZeroDuration()) ||
         ServeOne(connection);
}

bool ConnectionPool::ServeOne(Connection& connection) {
  while (serve_(connection.io)) {
    {
      MutexLock lock(mu_);
      if (stopping_) return false;
      if (free_threads_ == 0) return true;  // somebody else may need us
    }
    if (!connection.io.WaitReadable(kStay)) return true;
  }
  return false;
}

void ConnectionPool::Work() {
  while (true) {
    std::unique_ptr<Connection> connection;
    {
      MutexLock lock(mu_);
      ++free_threads_;
      while (ready_.empty() && !stopping_) changed_.Wait(mu_);
      --free_threads_;
      if (stopping_) return;
      connection = std::move(ready_.front());
      ready_.pop_front();
      serving_.insert(connection.get());
    }
    const bool keep = Handle(*connection);
    {
      MutexLock lock(mu_);
      serving_.erase(connection.get());
      changed_.NotifyAll();
    }
    if (keep) {
      Park(std::move(connection));
    } else {
      Close(std::move(connection));
    }
  }
}

void ConnectionPool::Stop(absl::Duration grace) {
  const absl::Time end = absl::Now() + grace;
  {
    MutexLock lock(mu_);
    if (stopping_) return;
    stopping_ = true;
    DropExpired(absl::InfiniteFuture());
    open_.fetch_sub(static_cast<int64_t>(ready_.size()),
                    std::memory_order_relaxed);
    ready_.clear();
    changed_.NotifyAll();
    while (!serving_.empty() && absl::Now() < end) {
      changed_.WaitFor(mu_, end - absl::Now());
    }
    // While it is in serving_ it is not destroyed.
    for (Connection* connection : serving_) connection->io.Shutdown();
  }
  const uint64_t one = 1;
  (void)!write(wake_, &one, sizeof(one));
  watcher_.join();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace gradmatch
