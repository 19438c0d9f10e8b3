#ifndef GRADMATCH_SERVER_HTTP_SOCKET_IO_H_
#define GRADMATCH_SERVER_HTTP_SOCKET_IO_H_

#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace gradmatch {

// A connected socket with a read buffer and limits in time. One thread may read
// while another writes. Durations are those of the steady clock.
class SocketIo {
 public:
  // Owns `fd`.
  explicit SocketIo(int fd);
  ~SocketIo();
  SocketIo(const SocketIo&) = delete;
  SocketIo& operator=(const SocketIo&) = delete;

  // From now on: Read and Write fail when the peer does nothing for `idle`, or
  // when `total` has passed since this call (reads only).
  void SetLimits(absl::Duration idle, absl::Duration total);

  // Bytes read, 1 to `size`; 0 when the peer has closed its side; -1 when the
  // connection is broken or a limit passed.
  ssize_t Read(char* to, size_t size);
  // All of it, or false.
  bool Write(std::string_view bytes);

  // Read bytes that nobody has taken yet.
  bool HasBuffered() const { return begin_ < end_; }
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

  const int fd_;
  absl::Duration idle_ = absl::Seconds(10);
  absl::Time read_end_ = absl::InfiniteFuture();  // by the steady clock
  std::string buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_SOCKET_IO_H_
