#ifndef GRADMATCH_SERVER_FEED_JSON_ROW_H_
#define GRADMATCH_SERVER_FEED_JSON_ROW_H_

#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "server/feed/feed_reader.h"

namespace gradmatch {

// Reads JSON objects into cells. Used by one thread; keeps its buffers.
class JsonRowParser {
 public:
  JsonRowParser();
  ~JsonRowParser();

  // InvalidArgument with what is wrong for text that is no JSON object.
  absl::Status Parse(std::string_view json, std::vector<FeedCell>& cells);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_FEED_JSON_ROW_H_
