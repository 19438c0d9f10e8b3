#include "server/http/connection_pool.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
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

ConnectionPool::ConnectionPool(const Limits& limits, Serve serve)
    : limits_(limits),
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
  auto connection = std::make_unique<Connection>(fd);
  if (open_.fetch_add(1, std::memory_order_relaxed) >=
      limits_.max_connections) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    return Close(std::move(connection));
  }
  Park(std::move(connection));
}

void ConnectionPool::Park(std::unique_ptr<Connection> connection) {
  const int fd = connection->io.fd();
  connection->idle_since = absl::Now();
  MutexLock lock(mu_);
  if (stopping_) {
    open_.fetch_sub(1, std::memory_order_relaxed);
    return;  // closes it
  }
  parked_[fd] = std::move(connection);
  // Told once; then it belongs to whoever takes it out of parked_.
  epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT,
                       .data = {.fd = fd}};
  epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event);
}

void ConnectionPool::Close(std::unique_ptr<Connection> connection) {
  connection.reset();
  open_.fetch_sub(1, std::memory_order_relaxed);
}

void ConnectionPool::CloseIdle(absl::Time since) {
  for (auto it = parked_.begin(); it != parked_.end();) {
    if (it->second->idle_since > since) {
      ++it;
      continue;
    }
    // Closing takes it out of the epoll set.
    it = parked_.erase(it);
    open_.fetch_sub(1, std::memory_order_relaxed);
  }
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
      ready_.push_back(std::move(it->second));
      parked_.erase(it);
      changed_.NotifyOne();
    }
    CloseIdle(absl::Now() - limits_.idle);
  }
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
    const bool keep = ServeOne(*connection);
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
    CloseIdle(absl::InfiniteFuture());
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
