#ifndef GRADMATCH_SERVER_HTTP_SYNC_ROWS_H_
#define GRADMATCH_SERVER_HTTP_SYNC_ROWS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "gradmatch/v1/sync.pb.h"

namespace gradmatch {

// Pure parts of a sync over HTTP: no sockets, no threads.

// Cuts a body into lines. A line longer than `max_bytes` is passed as too long,
// its bytes dropped. CR before LF is not part of a line.
class LineSplitter {
 public:
  struct Line {
    std::string_view text;  // valid during the call
    int64_t number = 0;     // from 1; blank lines count and are not passed
    bool too_long = false;
  };
  // False stops.
  using Take = std::function<bool(const Line&)>;

  LineSplitter(size_t max_bytes, Take take)
      : max_bytes_(max_bytes), take_(std::move(take)) {}

  // False when `take` did.
  bool Add(std::string_view piece);
  // What follows the last line feed.
  bool Finish();

 private:
  bool Pass(std::string_view line);
  void Keep(std::string_view part);

  const size_t max_bytes_;
  const Take take_;
  std::string begun_;  // of a line that is not whole yet
  bool too_long_ = false;
  int64_t number_ = 0;
};

// The messages of one sync method; see ndjson.h. Not thread-safe.
class SyncMessages {
 public:
  // Nullopt when the method's messages are not those of a sync.
  static std::optional<SyncMessages> Of(
      const google::protobuf::Descriptor& request,
      const google::protobuf::Descriptor& response);

  google::protobuf::Message& begin(google::protobuf::Message& request) const;

  // A line as a request with its row, serialized. A line that cannot be one
  // becomes a row that the service refuses, so that it is counted and answered
  // in its place; `refused` then gets why.
  std::string RowRequest(const LineSplitter::Line& line,
                         std::optional<v1::RowError>& refused);
  std::string CommitRequest() const;

  // What an answer holds.
  struct Answer {
    bool begun = false;
    bool committed = false;
    std::vector<std::string> lines;  // JSON, without line feeds
  };
  // `refused(n)` gives the error that replaces the service's for the n-th row
  // of the stream, from 0. Internal when it is no answer.
  absl::StatusOr<Answer> ReadAnswer(
      const std::string& wire,
      const std::function<std::optional<v1::RowError>(int64_t)>& refused);

 private:
  absl::Status FillRow(std::string_view text, google::protobuf::Message& row);

  const google::protobuf::Descriptor* request_type_ = nullptr;
  const google::protobuf::FieldDescriptor* begin_ = nullptr;
  const google::protobuf::FieldDescriptor* row_ = nullptr;
  const google::protobuf::FieldDescriptor* commit_ = nullptr;
  const google::protobuf::FieldDescriptor* row_number_ = nullptr;
  const google::protobuf::FieldDescriptor* upsert_ = nullptr;
  const google::protobuf::Descriptor* response_type_ = nullptr;
  int64_t rows_answered_ = 0;
};

// The name of the first member of a JSON object; empty when there is none.
std::string FirstMember(std::string_view json);
// The elements of the array that is the only member of a JSON object written
// without blanks: {"results":[{...},{...}]}.
std::vector<std::string_view> ElementsOf(std::string_view json);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_HTTP_SYNC_ROWS_H_
