#ifndef GRADMATCH_SERVER_CONNECTION_ACCEPTOR_H_
#define GRADMATCH_SERVER_CONNECTION_ACCEPTOR_H_

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace gradmatch {

// Listens and accepts in gRPC's stead. The library's own listener has no limit
// of connections, and in 1.51 it ends for good at the first accept that fails
// for want of a descriptor (CVE-2023-4785). This one counts, turns away who is
// too much, and outlives want: it holds a descriptor back to take up and close
// those it cannot serve, so that they know, and goes on.
//
// One thread accepts. Whoever takes a connection owns its descriptor, and
// closes it without telling; open() finds out by itself, by looking whether the
// number still belongs to the same socket.
class ConnectionAcceptor {
 public:
  struct Limits {
    int max_connections = 1'024;
    int max_of_address = 0;  // connections of one network address; 0: any
  };

  // Opens the socket; "host:port", port 0: any free one. Nobody is accepted
  // before Start. UNAVAILABLE when the address is taken or not this machine's.
  static absl::StatusOr<std::unique_ptr<ConnectionAcceptor>> Listen(
      const std::string& address, const Limits& limits);
  ~ConnectionAcceptor();  // Stop

  // `take` gets each connection, non-blocking; on the accepting thread. Once.
  void Start(std::function<void(int fd)> take);
  // Nobody is accepted any more; connections stay. Idempotent.
  void Stop();

  int port() const { return port_; }
  int listener() const { return listener_; }
  // As of the last second, or of the last connection when there are many.
  int64_t open() const { return open_.load(std::memory_order_relaxed); }
  int64_t refused() const { return refused_.load(std::memory_order_relaxed); }
  // Times that there was no descriptor for a connection.
  int64_t starved() const { return starved_.load(std::memory_order_relaxed); }

 private:
  struct Connection {
    ino_t socket = 0;
    std::string address;
  };

  ConnectionAcceptor(int listener, int wake, int port, const Limits& limits);
  void Loop();
  void AcceptAll();
  void TurnAwayOne();
  bool HasRoomFor(const std::string& address);
  void ForgetClosed();

  const int listener_;
  const int wake_;  // eventfd
  const int port_;
  const Limits limits_;
  std::function<void(int)> take_;
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> refused_{0};
  std::atomic<int64_t> starved_{0};
  // The accepting thread's.
  int reserve_ = -1;
  std::map<int, Connection> connections_;
  std::thread thread_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CONNECTION_ACCEPTOR_H_
