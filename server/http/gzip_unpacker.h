#ifndef GRADMATCH_SERVER_HTTP_GZIP_UNPACKER_H_
#define GRADMATCH_SERVER_HTTP_GZIP_UNPACKER_H_

#include <functional>
#include <memory>
#include <string_view>

namespace gradmatch {

// Unpacks a gzip stream piece by piece; memory does not grow with what comes
// out. cpp-httplib unpacks too, but takes a stream that is cut for a whole one.
class GzipUnpacker {
 public:
  GzipUnpacker();
  ~GzipUnpacker();

  enum class Result {
    kOk,
    kStopped,    // `take` returned false
    kMalformed,  // not gzip, or something follows its end
  };
  Result Add(std::string_view packed,
             const std::function<bool(std::string_view)>& take);
  // The stream has come to its end.
  bool finished() const { return finished_; }

 private:
  struct State;
  const std::unique_ptr<State> state_;
  bool finished_ = false;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_GZIP_UNPACKER_H_
