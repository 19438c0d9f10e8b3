#include "index/rocksdb_log_replay.h"

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace gradmatch {
namespace {

uint64_t ReadLittleEndian(std::string_view bytes, int size) {
  uint64_t value = 0;
  for (int i = size; i-- > 0;) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace

std::string LogFileName(uint64_t log) {
  return absl::StrFormat("%06d.log", log);
}

void LogReplay::ColumnFamilyLogNumberMap(
    const std::map<uint32_t, uint64_t>& log_of_family,
    const std::map<std::string, uint32_t>&) {
  // Logs from the least one on hold what is in no table yet, so none of them
  // was ever removed.
  const auto least = std::min_element(
      log_of_family.begin(), log_of_family.end(),
      [](const auto& a, const auto& b) { return a.second < b.second; });
  if (least != log_of_family.end()) {
    wanted_ = starts_.OldestFrom(least->second);
  }
}

rocksdb::WalFilter::WalProcessingOption LogReplay::LogRecordFound(
    unsigned long long log, const std::string&,
    const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*, bool*) {
  // The head of a batch: number (8 bytes) and count (4), little endian.
  const uint64_t first = ReadLittleEndian(batch.Data(), 8);
  if (next_ == 0 && wanted_.has_value() && first > wanted_->write) {
    lost_start_ = true;
    return WalProcessingOption::kCorruptedRecord;
  }
  if (next_ != 0 && first != next_) {
    return WalProcessingOption::kCorruptedRecord;
  }
  next_ = first + batch.Count();
  log_ = log;
  return WalProcessingOption::kContinueProcessing;
}

std::string LogReplay::Describe() const {
  std::string text;
  if (wanted_.has_value()) {
    text = absl::StrCat("by LOGSTARTS, logs are read from ",
                        LogFileName(wanted_->log), ", write ", wanted_->write,
                        ", on");
  }
  if (lost_start_) absl::StrAppend(&text, ", which is not there");
  if (saw_any()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", "the last whole write is ",
                    next_ - 1, " in ", LogFileName(log_));
    const auto after = starts_.After(log_);
    if (after.has_value() && after->write == next_) {
      absl::StrAppend(&text, ", which ", LogFileName(after->log),
                      " goes on from: it is missing, empty or damaged");
    }
  }
  return text;
}

}  // namespace gradmatch
