// Bodies of syncs over HTTP: gzip, lines, rows; and answers of the service.

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gradmatch/v1/posting_service.pb.h"
#include "server/http/gzip_unpacker.h"
#include "server/http/sync_rows.h"
#include "tests/fuzz/fuzz_target.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxLine = 4096;

std::vector<std::string> Split(std::string_view body, size_t piece) {
  std::vector<std::string> lines;
  LineSplitter splitter(kMaxLine, [&](const LineSplitter::Line& line) {
    PROMISE(line.text.size() <= kMaxLine);
    PROMISE(line.text.find('\n') == std::string_view::npos);
    lines.push_back(std::to_string(line.number) +
                    (line.too_long ? "!" : std::string(line.text)));
    return true;
  });
  for (size_t at = 0; at < body.size(); at += piece) {
    PROMISE(splitter.Add(body.substr(at, piece)));
  }
  PROMISE(splitter.Finish());
  return lines;
}

void CheckRows(std::string_view body) {
  auto messages = SyncMessages::Of(*v1::SyncPostingsRequest::descriptor(),
                                   *v1::SyncPostingsResponse::descriptor());
  PROMISE(messages.has_value());
  LineSplitter splitter(kMaxLine, [&](const LineSplitter::Line& line) {
    std::optional<v1::RowError> refused;
    v1::SyncPostingsRequest request;
    // A line always becomes a row, that of its number or of what it says.
    PROMISE(request.ParseFromString(messages->RowRequest(line, refused)));
    PROMISE(request.has_row());
    PROMISE(!refused.has_value() || !refused->reason().empty());
    return true;
  });
  (void)splitter.Add(body);
  (void)splitter.Finish();
  (void)messages->ReadAnswer(
      std::string(body), [](int64_t) { return std::optional<v1::RowError>(); });
}

}  // namespace

// Lines are the same however the body is cut into pieces; each is a row.
void FuzzSyncLines(std::string_view bytes) {
  Choices choices(bytes);
  const size_t piece = 1 + choices.Pick(64);
  const std::string_view body = choices.rest();
  PROMISE(Split(body, piece) == Split(body, std::max<size_t>(1, body.size())));
  CheckRows(body);
  (void)FirstMember(body);
  (void)ElementsOf(body);

  GzipUnpacker unpacker;
  size_t unpacked = 0;
  (void)unpacker.Add(body, [&](std::string_view part) {
    unpacked += part.size();
    return unpacked < (1 << 20);
  });
}

}  // namespace gradmatch
