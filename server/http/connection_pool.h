#ifndef GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_
#define GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/time/time.h"
#include "index/base/mutex.h"
#include "server/http/socket_io.h"

namespace gradmatch {

// Serves connections with fewer threads than connections: one that waits for
// its next request lies with one thread that watches all of those (epoll), and
// takes a thread only while a request is read and answered.
class ConnectionPool {
 public:
  struct Limits {
    int threads = 16;
    // More are closed at once.
    int max_connections = 256;
    // A connection without a request for so long is closed.
    absl::Duration idle = absl::Seconds(60);
  };
  // Reads and answers what has arrived, at least one request. False: the
  // connection is to be closed.
  using Serve = std::function<bool(SocketIo&)>;

  ConnectionPool(const Limits& limits, Serve serve);
  ~ConnectionPool();  // Stop(0)

  // Takes over a connected socket. Any thread.
  void Add(int fd);

  // Idle connections close; those being served get `grace` to end their
  // request, then are broken off. Nothing is served after it returns.
  void Stop(absl::Duration grace);

  int64_t open() const { return open_.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }

 private:
  struct Connection {
    explicit Connection(int fd) : io(fd) {}
    SocketIo io;
    absl::Time idle_since;
  };

  void Watch();
  void Work();
  bool ServeOne(Connection& connection);
  void Park(std::unique_ptr<Connection> connection);
  void Close(std::unique_ptr<Connection> connection);
  void CloseIdle(absl::Time since) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Limits limits_;
  const Serve serve_;
  const int epoll_;
  const int wake_;  // eventfd
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> refused_{0};

  Mutex mu_;
  CondVar changed_;
  std::map<int, std::unique_ptr<Connection>> parked_ ABSL_GUARDED_BY(mu_);
  std::deque<std::unique_ptr<Connection>> ready_ ABSL_GUARDED_BY(mu_);
  std::set<Connection*> serving_ ABSL_GUARDED_BY(mu_);
  int free_threads_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread watcher_;
  std::vector<std::thread> threads_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_
