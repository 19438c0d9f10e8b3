#include "index/log_starts.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "index/content_hash.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

constexpr char kHead[] = "gradmatch-log-starts 1";
constexpr char kHashWord[] = "hash ";
constexpr char kLostWord[] = "lost";
constexpr size_t kMostLogs = 64;

absl::Status Damaged() {
  return absl::DataLossError(
      "LOGSTARTS is damaged, so it cannot be told whether a log is missing; "
      "restore it from a backup, or remove it to open without that check");
}

}  // namespace

absl::StatusOr<LogStarts> LogStarts::Read(const std::string& path) {
  const auto text = ReadFile(path);
  if (absl::IsNotFound(text.status())) return LogStarts();
  if (!text.ok()) return text.status();
  return Parse(*text);
}

absl::StatusOr<LogStarts> LogStarts::Parse(std::string_view text) {
  const size_t hash_at = text.rfind(kHashWord);
  if (hash_at == std::string_view::npos || !text.starts_with(kHead) ||
      text.substr(hash_at) !=
          absl::StrFormat("%s%016x\n", kHashWord,
                          ContentHash(text.substr(0, hash_at)))) {
    return Damaged();
  }
  LogStarts starts;
  std::vector<std::string> lines =
      absl::StrSplit(A(text.substr(0, hash_at)), '\n', absl::SkipEmpty());
  lines.erase(lines.begin());
  for (const std::string& line : lines) {
    const std::pair<std::string, std::string> words = absl::StrSplit(line, ' ');
    Start start;
    uint64_t& second =
        words.first == kLostWord ? starts.lost_.emplace() : start.write;
    if (!absl::SimpleAtoi(words.second, &second)) return Damaged();
    if (words.first == kLostWord) continue;
    if (!absl::SimpleAtoi(words.first, &start.log)) return Damaged();
    starts.Add(start);
  }
  return starts;
}

std::string LogStarts::Serialize() const {
  std::string text = absl::StrCat(kHead, "\n");
  for (const auto& [log, write] : starts_) {
    absl::StrAppend(&text, log, " ", write, "\n");
  }
  if (lost_.has_value()) absl::StrAppend(&text, kLostWord, " ", *lost_, "\n");
  absl::StrAppendFormat(&text, "%s%016x\n", kHashWord, ContentHash(text));
  return text;
}

absl::Status LogStarts::Write(const std::string& path) const {
  return WriteFileDurably(path, Serialize());
}

bool LogStarts::Add(const Start& start) {
  if (!starts_.emplace(start.log, start.write).second) return false;
  if (starts_.size() > kMostLogs) starts_.erase(starts_.begin());
  return true;
}

std::optional<LogStarts::Start> LogStarts::OldestFrom(uint64_t least) const {
  const auto it = starts_.lower_bound(least);
  if (it == starts_.end()) return std::nullopt;
  return Start{it->first, it->second};
}

}  // namespace gradmatch
