#ifndef GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_
#define GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
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
  // How connections are made secure, before anything is served on them. A
  // handshake holds no thread while it waits for its peer; when half of
  // max_connections are in theirs, the oldest of them makes room.
  struct Security {
    std::function<std::unique_ptr<TlsSession>(int fd)> accept;  // null: plain
    absl::Duration handshake = absl::Seconds(5);
    std::string plain_answer;  // to peers that speak HTTP without TLS
  };
  // Reads and answers what has arrived, at least one request. False: the
  // connection is to be closed.
  using Serve = std::function<bool(SocketIo&)>;

  ConnectionPool(const Limits& limits, Serve serve)
      : ConnectionPool(limits, Security(), std::move(serve)) {}
  ConnectionPool(const Limits& limits, Security security, Serve serve);
  ~ConnectionPool();  // Stop(0)

  // Takes over a connected socket. Any thread.
  void Add(int fd);

  // Idle connections close; those being served get `grace` to end their
  // request, then are broken off. Nothing is served after it returns.
  void Stop(absl::Duration grace);

  int64_t open() const { return open_.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  // Handshakes that failed, took too long or made room.
  int64_t failed_handshakes() const {
    return failed_handshakes_.load(std::memory_order_relaxed);
  }
  // Those that were closed at once included.
  int64_t accepted() const { return accepted_.load(std::memory_order_relaxed); }

 private:
  struct Connection {
    Connection(int fd, std::unique_ptr<TlsSession> tls)
        : io(fd, std::move(tls)) {}
    SocketIo io;
    bool secure = false;  // its handshake is over, or it is to be plain
    uint32_t events = 0;  // of epoll, that it waits for
    absl::Time expires;   // of its handshake, or of its idling
  };
  using Parked = std::map<int, std::unique_ptr<Connection>>;

  void Watch();
  void Work();
  // False: close it.
  bool Handle(Connection& connection);
  bool Secure(Connection& connection);
  bool ServeOne(Connection& connection);
  void Park(std::unique_ptr<Connection> connection);
  void Close(std::unique_ptr<Connection> connection);
  // Out of parked_, into nobody's hands but the caller's.
  std::unique_ptr<Connection> Take(Parked::iterator it)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Drop(Parked::iterator it) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void DropExpired(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void MakeRoomForHandshakes() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const Limits limits_;
  const Security security_;
  const Serve serve_;
  const int epoll_;
  const int wake_;  // eventfd
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> failed_handshakes_{0};
  std::atomic<int64_t> accepted_{0};

  Mutex mu_;
  CondVar changed_;
  Parked parked_ ABSL_GUARDED_BY(mu_);
  int parked_handshakes_ ABSL_GUARDED_BY(mu_) = 0;  // of parked_
  std::deque<std::unique_ptr<Connection>> ready_ ABSL_GUARDED_BY(mu_);
  std::set<Connection*> serving_ ABSL_GUARDED_BY(mu_);
  int free_threads_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread watcher_;
  std::vector<std::thread> threads_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_CONNECTION_POOL_H_
