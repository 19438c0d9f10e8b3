#include "server/http/http_listener.h"

#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "index/base/strings.h"
#include "server/http/connection_pool.h"
#include "server/http/gzip_unpacker.h"
#include "server/http/http_head.h"

namespace gradmatch {
namespace {

constexpr char kPacking[] = "Content-Encoding";
constexpr size_t kMaxHeadBytes = 32 << 10;
// Framing of chunked bodies (sizes, extensions, trailers) between two pieces.
constexpr size_t kMaxFramingBytes = 4 << 10;

// A socket as httplib wants it, for one request at a time. What httplib writes
// by itself is dropped once the answer is ours.
class Wire final : public httplib::Stream {
 public:
  explicit Wire(SocketIo& io) : io_(io) {}

  bool is_readable() const override { return io_.HasBuffered(); }
  bool is_writable() const override { return true; }

  ssize_t read(char* to, size_t size) override {
    // httplib reads lines byte by byte, however long they are.
    framing_ = size == 1 ? framing_ + 1 : 0;
    if (in_head_ ? head_bytes_ >= kMaxHeadBytes : framing_ > kMaxFramingBytes) {
      failed_ = true;
    }
    if (failed_) return -1;
    const ssize_t n = io_.Read(to, size);
    if (in_head_ && n > 0) CheckHead({to, static_cast<size_t>(n)});
    if (n <= 0) failed_ = true;
    return failed_ ? -1 : n;
  }

  ssize_t write(const char* bytes, size_t size) override {
    if (answered_) return static_cast<ssize_t>(size);
    return io_.Write({bytes, size}) ? static_cast<ssize_t>(size) : -1;
  }
  using httplib::Stream::write;

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  // httplib compares it with FD_SETSIZE, for a select that it never makes here.
  socket_t socket() const override { return 0; }

  void EndHead() { in_head_ = false; }
  void TookPiece() { framing_ = 0; }
  void Answered() { answered_ = true; }
  bool head_began() const { return head_bytes_ > 0; }
  SocketIo& io() { return io_; }

 private:
  // httplib skips lines that end with a bare line feed; a proxy may not.
  void CheckHead(std::string_view bytes) {
    for (const char c : bytes) {
      if (c == '\n' && last_ != '\r') failed_ = true;
      last_ = c;
    }
    head_bytes_ += bytes.size();
  }

  SocketIo& io_;
  bool in_head_ = true;
  bool failed_ = false;
  bool answered_ = false;
  char last_ = '\0';
  size_t head_bytes_ = 0;
  size_t framing_ = 0;
};

std::string_view FramingProblemOf(const httplib::Request& request) {
  std::vector<std::pair<std::string_view, std::string_view>> headers;
  for (const auto& [name, value] : request.headers) {
    headers.emplace_back(name, value);
  }
  return FramingProblem(request.method, headers);
}

class Exchange final : public HttpExchange {
 public:
  // `packing`: the Content-Encoding, which httplib does not get to see.
  Exchange(const httplib::Request& request, Wire& wire, std::string packing,
           const HttpListenerOptions& options, bool closing)
      : request_(request),
        wire_(wire),
        packing_(std::move(packing)),
        chunked_(request.version != "HTTP/1.0"),
        close_(closing || WantsClose(request)) {
    const bool content = request.method == "POST" || request.method == "PUT" ||
                         request.method == "PATCH" ||
                         request.method == "DELETE";
    body_read_ = !content || body_bytes() == uint64_t{0};
    wire.io().SetLimits(options.write_idle, absl::InfiniteDuration());
  }

  void SetReader(const httplib::ContentReader* reader) { reader_ = reader; }

  const std::string& method() const override { return request_.method; }
  const std::string& target() const override { return request_.target; }
  std::string Header(std::string_view name) const override {
    if (absl::EqualsIgnoreCase(A(name), kPacking)) return packing_;
    return request_.get_header_value(std::string(name).c_str());
  }
  const std::vector<std::string>& peer_uris() const override {
    return wire_.io().peer_uris();
  }
  std::optional<uint64_t> body_bytes() const override {
    if (request_.has_header("Transfer-Encoding")) return std::nullopt;
    uint64_t length = 0;
    (void)absl::SimpleAtoi(request_.get_header_value("Content-Length"),
                           &length);
    return length;
  }

  BodyEnd ReadBody(const std::function<bool(std::string_view)>& take,
                   absl::Duration idle, absl::Duration total) override {
    if (body_read_ || reader_ == nullptr) return BodyEnd::kWhole;
    wire_.io().SetLimits(idle, total);
    std::optional<GzipUnpacker> unpacker;
    if (absl::EqualsIgnoreCase(packing_, "gzip")) unpacker.emplace();
    BodyEnd end = BodyEnd::kCut;  // unless we know better
    const bool whole = (*reader_)([&](const char* bytes, size_t size) {
      wire_.TookPiece();
      auto result = GzipUnpacker::Result::kOk;
      if (unpacker.has_value()) {
        result = unpacker->Add({bytes, size}, take);
      } else if (!take({bytes, size})) {
        result = GzipUnpacker::Result::kStopped;
      }
      if (result == GzipUnpacker::Result::kStopped) end = BodyEnd::kStopped;
      if (result == GzipUnpacker::Result::kMalformed) {
        end = BodyEnd::kMalformed;
      }
      return result == GzipUnpacker::Result::kOk;
    });
    body_read_ = whole;
    if (!whole) return end;
    return unpacker.has_value() && !unpacker->finished() ? BodyEnd::kCut
                                                         : BodyEnd::kWhole;
  }

  void Reply(const HttpReply& reply) override {
    DropSmallBody();
    wire_.Answered();
    if (!body_read_) close_ = true;
    const bool no_body = reply.status == 304;
    std::string out = Head(reply.status, reply.headers);
    if (!no_body) {
      absl::StrAppend(&out, "Content-Length: ", reply.body.size(), "\r\n");
    }
    out += "\r\n";
    if (!no_body && request_.method != "HEAD") out += reply.body;
    if (!wire_.io().Write(out)) close_ = true;
  }

  bool BeginStream(int status, const HttpHeaders& headers) override {
    wire_.Answered();
    // The body may still be coming; whether the connection can be kept is known
    // at the end, and told by closing it.
    if (!chunked_) close_ = true;
    std::string out = Head(status, headers);
    if (chunked_) out += "Transfer-Encoding: chunked\r\n";
    out += "\r\n";
    return wire_.io().Write(out);
  }
  bool WriteChunk(std::string_view bytes) override {
    if (bytes.empty()) return true;
    if (!chunked_) return wire_.io().Write(bytes);
    std::string out;
    absl::StrAppend(&out, absl::Hex(bytes.size()), "\r\n", A(bytes), "\r\n");
    return wire_.io().Write(out);
  }
  bool EndStream() override {
    return !chunked_ || wire_.io().Write("0\r\n\r\n");
  }
  void StopReading() override {
    broken_ = true;
    wire_.io().ShutdownReading();
  }
  void Break() override {
    broken_ = true;
    wire_.io().Shutdown();
  }

  int status() const override { return status_; }

  bool MustClose() const { return close_ || broken_ || !body_read_; }

 private:
  // A body that nobody wanted, but that is about to be there: reading it keeps
  // the connection.
  void DropSmallBody() {
    constexpr uint64_t kSmall = 64 << 10;
    const std::optional<uint64_t> length = body_bytes();
    if (body_read_ || !length.has_value() || *length > kSmall) return;
    (void)ReadBody([](std::string_view) { return true; }, absl::Seconds(1),
                   absl::Seconds(1));
  }

  static bool WantsClose(const httplib::Request& request) {
    const std::string wish = request.get_header_value("Connection");
    return absl::EqualsIgnoreCase(wish, "close") ||
           (request.version == "HTTP/1.0" &&
            !absl::EqualsIgnoreCase(wish, "keep-alive"));
  }

  std::string Head(int status, const HttpHeaders& headers) {
    status_ = status;
    return ResponseHead(status, headers, close_);
  }

  const httplib::Request& request_;
  Wire& wire_;
  const std::string packing_;
  const bool chunked_;
  const httplib::ContentReader* reader_ = nullptr;
  bool close_;
  bool body_read_;
  int status_ = 0;
  std::atomic<bool> broken_{false};
};

ConnectionPool::Security SecurityOf(const HttpListenerOptions& options) {
  ConnectionPool::Security security;
  if (options.tls == nullptr) return security;
  security.accept = [tls = options.tls](int fd) {
    return tls->current()->context->Accept(fd);
  };
  security.handshake = options.handshake;
  const HttpReply reply = BadFraming("此端口只接受 HTTPS，请改用 https://");
  security.plain_answer = absl::StrCat(
      ResponseHead(reply.status, reply.headers, /*close=*/true),
      "Content-Length: ", reply.body.size(), "\r\n\r\n", reply.body);
  return security;
}

// httplib's routing, with one handler for everything.
class Parser final : public httplib::Server {
 public:
  Parser(const HttpListenerOptions& options,
         std::function<void(HttpExchange&)> handler)
      : options_(options),
        handler_(std::move(handler)),
        pool_({.threads = options.threads,
               .max_connections = options.max_connections,
               .idle = options.idle},
              SecurityOf(options),
              [this](SocketIo& io) { return ServeAll(io); }) {
    const auto read = [this](const httplib::Request& request,
                             httplib::Response& response,
                             const httplib::ContentReader& reader) {
      Handle(request, response, &reader);
    };
    Post("/", read);
    Put("/", read);
    Patch("/", read);
    Delete("/", read);
    const auto plain = [this](const httplib::Request& request,
                              httplib::Response& response) {
      Handle(request, response, nullptr);
    };
    Get("/", plain);
    Options("/", plain);
    set_error_handler([](const httplib::Request&, httplib::Response& response) {
      const HttpReply reply = BadFraming("请求行、请求头或长度不合规");
      response.status = response.status == 414 ? 414 : reply.status;
      response.set_content(reply.body, "application/json");
    });
    // The library also sets SO_REUSEPORT, with which a second server would
    // share the port silently.
    set_socket_options([](socket_t socket) {
      const int on = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    });
    new_task_queue = [] { return new Inline; };
  }

  ~Parser() override { pool_.Stop(absl::ZeroDuration()); }

  ConnectionPool& pool() { return pool_; }
  // The library lets five wait to be accepted; whoever is the sixth tries again
  // after a second.
  void WidenBacklog() { ::listen(svr_sock_, options_.max_connections); }
  std::atomic<bool> closing{false};

 private:
  // The thread that accepts runs it: it hands the socket on.
  class Inline final : public httplib::TaskQueue {
   public:
    void enqueue(std::function<void()> task) override { task(); }
    void shutdown() override {}
  };

  bool process_and_close_socket(socket_t socket) override {
    pool_.Add(socket);
    return true;
  }

  // One thread serves one connection at a time, so this is its request.
  struct Current {
    Wire* wire = nullptr;
    bool keep = false;
    std::string_view problem;
    std::string packing;
  };
  static Current& current() {
    thread_local Current current;
    return current;
  }

  bool ServeAll(SocketIo& io) {
    do {
      io.SetLimits(options_.head, options_.head);
      Wire wire(io);
      current() = {.wire = &wire};
      bool closed = false;
      const bool ok = process_request(
          wire, false, closed,
          [&wire](httplib::Request& request) { Prepare(wire, request); });
      if (!ok || !current().keep) {
        if (wire.head_began()) io.Linger();
        return false;
      }
    } while (io.HasBuffered());
    return true;
  }

  // The head is there; nothing of the body was read.
  static void Prepare(Wire& wire, httplib::Request& request) {
    wire.EndHead();
    current().problem = FramingProblemOf(request);
    request.path.assign(1, '/');  // our own router looks at the target
    request.ranges.clear();
    request.params.clear();
    // These make httplib take the body apart, or wait for the connection's end.
    current().packing = request.get_header_value(kPacking);
    request.headers.erase(kPacking);
    if (request.is_multipart_form_data()) {
      request.headers.erase("Content-Type");
      request.set_header("Content-Type", "multipart/form");
    }
    if (!request.has_header("Content-Length") &&
        !request.has_header("Transfer-Encoding")) {
      request.set_header("Content-Length", "0");
    }
    if (!current().problem.empty()) request.headers.erase("Expect");
  }

  void Handle(const httplib::Request& request, httplib::Response& response,
              const httplib::ContentReader* reader) {
    response.status = 200;  // nobody sees it
    Exchange exchange(request, *current().wire, current().packing, options_,
                      closing.load(std::memory_order_relaxed));
    exchange.SetReader(reader);
    if (!current().problem.empty()) {
      exchange.Reply(BadFraming(current().problem));
      return;  // and closes: where the next request begins is not known
    }
    try {
      handler_(exchange);
    } catch (...) {
      return;  // closes; handlers do not throw, but memory may run out
    }
    current().keep = !exchange.MustClose();
  }

  const HttpListenerOptions options_;
  const std::function<void(HttpExchange&)> handler_;
  ConnectionPool pool_;
};

class ListenerImpl final : public HttpListener {
 public:
  ListenerImpl(const HttpListenerOptions& options,
               std::function<void(HttpExchange&)> handler)
      : options_(options), parser_(options, std::move(handler)) {}
  ~ListenerImpl() override { Stop(absl::ZeroDuration()); }

  absl::Status Open() {
    const size_t colon = options_.address.rfind(':');
    std::string host = options_.address.substr(0, colon);
    if (host.size() > 2 && host[0] == '[') {
      host.pop_back();
      host.erase(0, 1);
    }
    int port = 0;
    (void)absl::SimpleAtoi(options_.address.substr(colon + 1), &port);
    if (port == 0) {
      port_ = parser_.bind_to_any_port(host);
    } else {
      port_ = parser_.bind_to_port(host, port) ? port : -1;
    }
    if (port_ <= 0) {
      return absl::UnavailableError(absl::StrCat(
          "cannot listen on ", options_.address,
          ": the address is taken or not this machine's; choose another "
          "server.http_listen, or stop who has it"));
    }
    parser_.WidenBacklog();
    thread_ = std::thread([this] {
      parser_.listen_after_bind();
      ended_ = true;
    });
    return absl::OkStatus();
  }

  int port() const override { return port_; }
  int64_t open() const override {
    return const_cast<Parser&>(parser_).pool().open();
  }
  int64_t accepted() const override {
    return const_cast<Parser&>(parser_).pool().accepted();
  }
  int64_t refused() const override {
    return const_cast<Parser&>(parser_).pool().refused();
  }
  int64_t failed_handshakes() const override {
    return const_cast<Parser&>(parser_).pool().failed_handshakes();
  }
  void CloseAfterAnswers() override { parser_.closing = true; }

  void Stop(absl::Duration grace) override {
    if (!thread_.joinable()) return;
    // stop() does nothing before the thread has come to its loop.
    while (!parser_.is_running() && !ended_) std::this_thread::yield();
    parser_.stop();
    thread_.join();
    parser_.pool().Stop(grace);
  }

 private:
  const HttpListenerOptions options_;
  Parser parser_;
  int port_ = 0;
  std::atomic<bool> ended_{false};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpListener>> HttpListener::Listen(
    const HttpListenerOptions& options,
    std::function<void(HttpExchange&)> handler) {
  auto listener = std::make_unique<ListenerImpl>(options, std::move(handler));
  absl::Status opened = listener->Open();
  if (!opened.ok()) return opened;
  return listener;
}

}  // namespace gradmatch
