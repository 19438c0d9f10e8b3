#ifndef GRADMATCH_TESTS_SERVER_HTTP_HTTP_CLIENT_H_
#define GRADMATCH_TESTS_SERVER_HTTP_HTTP_CLIENT_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gradmatch {

// One connection to 127.0.0.1, byte by byte as a test wants it; for the
// server's tests and benchmarks, not a client for anything else. Reads give up
// after 30 s.
class HttpClient {
 public:
  struct Response {
    int status = 0;  // 0: the connection ended before a whole answer
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;                            // chunks joined
    bool whole = false;
  };

  explicit HttpClient(int port);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  // False when the server has closed.
  bool Send(std::string_view bytes);
  // We send nothing more.
  void HalfClose();
  // Any thread: ends the Send of another.
  void Abort();
  Response Read(bool head_only = false);
  // The head of an answer; then lines of its body as they come, "" at the end.
  Response ReadHead();
  std::string ReadLine();
  // True when the server closes within a moment and sends nothing before.
  bool ClosedByServer();

  // A request with Host and Content-Length; `headers` are "Name: value" lines.
  static std::string Request(std::string_view method, std::string_view target,
                             std::string_view body = "",
                             const std::vector<std::string>& headers = {});
  Response Call(std::string_view method, std::string_view target,
                std::string_view body = "",
                const std::vector<std::string>& headers = {});
  // With Content-Type: application/json.
  Response CallJson(std::string_view method, std::string_view target,
                    std::string_view body,
                    const std::vector<std::string>& headers = {});
  // One piece of a chunked body; "" ends it.
  static std::string Chunk(std::string_view piece);

 private:
  bool Fill();
  bool TakeLine(std::string& line);
  bool Take(size_t size, std::string& to);

  int fd_ = -1;
  std::string buffer_;
  size_t chunk_left_ = 0;
  bool chunked_ = false;
  bool body_ended_ = false;
  std::string line_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_TESTS_SERVER_HTTP_HTTP_CLIENT_H_
