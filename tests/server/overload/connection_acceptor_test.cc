#include "server/connection_acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "index/base/mutex.h"

namespace gradmatch {
namespace {

class ConnectionAcceptorTest : public testing::Test {
 protected:
  void Start(const ConnectionAcceptor::Limits& limits) {
    auto acceptor = ConnectionAcceptor::Listen("127.0.0.1:0", limits);
    ASSERT_TRUE(acceptor.ok()) << acceptor.status();
    acceptor_ = *std::move(acceptor);
    acceptor_->Start([this](int fd) {
      MutexLock lock(mu_);
      taken_.push_back(fd);
      changed_.NotifyAll();
    });
  }
  ~ConnectionAcceptorTest() override {
    if (acceptor_ != nullptr) acceptor_->Stop();
    for (const int fd : taken_) close(fd);
    for (const int fd : ours_) close(fd);
  }

  // Our end of a new connection.
  int Connect() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(acceptor_->port()));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
    ours_.push_back(fd);
    return fd;
  }
  void AwaitTaken(size_t n) {
    MutexLock lock(mu_);
    while (taken_.size() < n) changed_.Wait(mu_);
  }
  void CloseTaken(size_t which) {
    MutexLock lock(mu_);
    close(taken_[which]);
    taken_.erase(taken_.begin() + which);
  }
  // The other end has closed it.
  static bool IsClosed(int fd) {
    pollfd ready = {.fd = fd, .events = POLLIN, .revents = 0};
    char byte;
    return poll(&ready, 1, 20'000) == 1 && recv(fd, &byte, 1, 0) <= 0;
  }

  std::unique_ptr<ConnectionAcceptor> acceptor_;
  Mutex mu_;
  CondVar changed_;
  std::vector<int> taken_;
  std::vector<int> ours_;
};

TEST_F(ConnectionAcceptorTest, HandsOverUpToTheLimitAndFindsClosedOnes) {
  Start({.max_connections = 2});
  Connect();
  Connect();
  AwaitTaken(2);
  EXPECT_EQ(acceptor_->open(), 2);
  EXPECT_TRUE(IsClosed(Connect()));
  EXPECT_EQ(acceptor_->refused(), 1);
  CloseTaken(0);
  // It is looked for when there is no room, so the next is taken at once.
  Connect();
  AwaitTaken(2);
  EXPECT_EQ(acceptor_->open(), 2);
  EXPECT_EQ(acceptor_->refused(), 1);
}

// A descriptor's number is given again at once, to another connection or to a
// file: that must not keep the old one in the count.
TEST_F(ConnectionAcceptorTest, AReusedNumberIsAnotherSocket) {
  Start({.max_connections = 1});
  Connect();
  AwaitTaken(1);
  const int number = taken_[0];
  CloseTaken(0);
  const int file = open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_EQ(file, number);
  Connect();
  AwaitTaken(1);
  EXPECT_EQ(acceptor_->open(), 1);
  close(file);
}

TEST_F(ConnectionAcceptorTest, OneAddressMayHaveItsShare) {
  Start({.max_connections = 10, .max_of_address = 1});
  Connect();
  AwaitTaken(1);
  EXPECT_TRUE(IsClosed(Connect()));
}

TEST_F(ConnectionAcceptorTest, OutlivesTheWantOfDescriptors) {
  Start({.max_connections = 1'000});
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  // Sockets that are there but not connected yet: our ends need no more.
  std::vector<int> sockets;
  for (int i = 0; i < 20; ++i) {
    sockets.push_back(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  struct rlimit low = before;
  low.rlim_cur = static_cast<rlim_t>(sockets.back()) + 5;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons(static_cast<uint16_t>(acceptor_->port()));
  for (const int fd : sockets) {
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to), 0);
  }
  // The last of them is turned away rather than left waiting.
  EXPECT_TRUE(IsClosed(sockets.back()));
  EXPECT_GT(acceptor_->starved(), 0);
  setrlimit(RLIMIT_NOFILE, &before);
  for (const int fd : sockets) close(fd);
  // And who comes later is taken.
  size_t taken;
  {
    MutexLock lock(mu_);
    taken = taken_.size();
  }
  EXPECT_LT(taken, 20u);
  Connect();
  AwaitTaken(taken + 1);
}

TEST_F(ConnectionAcceptorTest, AddressesThatCannotBeHad) {
  Start({});
  const std::string own = "127.0.0.1:" + std::to_string(acceptor_->port());
  for (const std::string& address :
       {own, std::string("192.0.2.1:0"), std::string("no-port"),
        std::string("127.0.0.1:x")}) {
    const auto second = ConnectionAcceptor::Listen(address, {});
    EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable)
        << address;
  }
  EXPECT_TRUE(ConnectionAcceptor::Listen("localhost:0", {}).ok());
}

}  // namespace
}  // namespace gradmatch
