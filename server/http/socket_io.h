#ifndef GRADMATCH_SERVER_HTTP_SOCKET_IO_H_
#define GRADMATCH_SERVER_HTTP_SOCKET_IO_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "server/tls/tls_session.h"

namespace gradmatch {

// A connected socket, plain or secured, with a read buffer and limits in time.
// One thread may read while another writes. Durations are those of the steady
// clock.
class SocketIo {
 public:
  // Owns `fd`. With `tls`, Handshake comes before everything else.
  explicit SocketIo(int fd, std::unique_ptr<TlsSession> tls = nullptr);
  ~SocketIo();
  SocketIo(const SocketIo&) = delete;
  SocketIo& operator=(const SocketIo&) = delete;

  // A step of making it secure, which never waits; kDone at once where it is to
  // be plain.
  TlsStep Handshake();
  // The handshake failed: if the peer speaks HTTP without TLS, it gets `answer`
  // as it stands.
  void AnswerPlainHttp(std::string_view answer);
  // Of the certificate that the peer proved to have (TlsSession::PeerUris).
  const std::vector<std::string>& peer_uris() const { return peer_uris_; }

  // From now on: Read and Write fail when the peer does nothing for `idle`, or
  // when `total` has passed since this call (reads only).
  void SetLimits(absl::Duration idle, absl::Duration total);

  // Bytes read, 1 to `size`; 0 when the peer has closed its side; -1 when the
  // connection is broken or a limit passed.
  ssize_t Read(char* to, size_t size);
  // All of it, or false.
  bool Write(std::string_view bytes);

  // Read bytes that nobody has taken yet.
  bool HasBuffered() const;
  // Waits for something to read (or the peer's end) for up to `time`.
  bool WaitReadable(absl::Duration time) const;
  // Says goodbye so that the peer still gets what was written: closes our side,
  // and reads what it sends for a moment.
  void Linger();
  // Any thread: ends Read and Write of others.
  void Shutdown();
  // Any thread: Read comes to the end.
  void ShutdownReading();

  int fd() const { return fd_; }

 private:
  bool Wait(short events, absl::Duration time) const;
  // One try, without waiting.
  TlsStep Receive(size_t* done);
  TlsStep Send(std::string_view bytes, size_t* done);

  const int fd_;
  const std::unique_ptr<TlsSession> tls_;  // null: plain
  std::vector<std::string> peer_uris_;
  absl::Duration idle_ = absl::Seconds(10);
  absl::Time read_end_ = absl::InfiniteFuture();  // by the steady clock
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_SOCKET_IO_H_
