#include "index/data_snapshot/rights_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <random>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"

namespace gradmatch {
namespace {

constexpr mode_t kFileMode = 0600;
constexpr int kSaltBytes = 16;

std::string RandomBytes(int count) {
  std::random_device device;
  std::string bytes;
  while (static_cast<int>(bytes.size()) < count) {
    const auto word = device();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(count);
  return bytes;
}

absl::Status Unavailable(absl::string_view why) {
  return MakeError(
      absl::StatusCode::kUnavailable, kRightsJournal,
      absl::StrCat("权利日志写不进去（", why,
                   "），因此不执行；请稍后重试，仍失败请联系运行维护人员"));
}

absl::Status WriteAt(const FileDescriptor& file, const std::string& path,
                     int64_t at, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::pwrite(file.get(), bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return FileError("write", path, errno);
    bytes.remove_prefix(static_cast<size_t>(n));
    at += n;
  }
  return absl::OkStatus();
}

}  // namespace

std::string RightsJournal::path() const {
  return absl::StrCat(folder_, "/", kRightsName);
}

absl::StatusOr<std::unique_ptr<RightsJournal>> RightsJournal::Open(
    const std::string& folder, const Clock& clock) {
  std::unique_ptr<RightsJournal> journal(new RightsJournal(folder, clock));
  auto contents = ReadJournal(folder);
  if (absl::IsNotFound(contents.status())) {
    journal->made_ = true;
    JournalContents empty;
    empty.base = {absl::BytesToHexString(RandomBytes(16)), 0,
                  std::string(64, '0')};
    const std::string bytes = SerializeJournal(empty);
    empty.whole_bytes = static_cast<int64_t>(bytes.size());
    absl::Status made = WriteFileDurably(journal->path(), bytes, kFileMode);
    if (!made.ok()) return made;
    contents = std::move(empty);
  }
  if (!contents.ok()) return contents.status();
  MutexLock lock(journal->mu_);
  absl::Status loaded = journal->Load(*contents);
  if (!loaded.ok()) return loaded;
  return journal;
}

absl::Status RightsJournal::Load(const JournalContents& contents) {
  auto file = OpenFile(path(), O_RDWR);
  if (!file.ok()) return file.status();
  // What was cut short; it is written over.
  if (::ftruncate(file->get(), contents.whole_bytes) != 0 ||
      ::fsync(file->get()) != 0) {
    return FileError("cut the end of", path(), errno);
  }
  file_ = *std::move(file);
  bytes_ = contents.whole_bytes;
  end_ = contents.end();
  generation_ = 0;
  erasures_.clear();
  tokens_.clear();
  for (const JournalRecord& record : contents.records) Note(record.entry);
  return absl::OkStatus();
}

// What is known of the entries without reading them again.
void RightsJournal::Note(const v1::StoredRightsEntry& entry) {
  if (entry.has_erased()) {
    erasures_.push_back(absl::FromUnixMicros(entry.time_micros()));
  }
  if (entry.has_token()) {
    tokens_[entry.token().token().name()] = entry.token().SerializeAsString();
  }
  // The generations of a restored folder begin at the snapshot's again.
  if (entry.has_restored()) generation_ = 0;
  generation_ = std::max<uint64_t>(generation_, entry.generation());
}

absl::Status RightsJournal::Append(std::vector<v1::StoredRightsEntry> entries) {
  if (entries.empty()) return absl::OkStatus();
  const absl::Status written =
      writes_.Commit(entries, [this](std::span<const Entries* const> group) {
        return WriteGroup(group);
      });
  return written.ok() || absl::IsUnavailable(written)
             ? written
             : Unavailable(written.message());
}

absl::Status RightsJournal::WriteGroup(std::span<const Entries* const> group) {
  JournalPosition end;
  {
    MutexLock lock(mu_);
    if (!broken_.ok()) return broken_;
    end = end_;
  }
  const int64_t micros = absl::ToUnixMicros(clock_.Now());
  std::string bytes;
  Entries written;
  for (const Entries* entries : group) {
    for (v1::StoredRightsEntry entry : *entries) {
      entry.set_number(end.number + 1);
      entry.set_time_micros(micros);
      entry.set_salt(RandomBytes(kSaltBytes));
      bytes += AppendRecord(entry, end);
      written.push_back(std::move(entry));
    }
  }
  // Over whatever an append that failed left.
  absl::Status status = WriteAt(file_, path(), bytes_, bytes);
  if (!status.ok()) return Unavailable(status.message());
  if (::fdatasync(file_.get()) != 0) {
    // What the system says afterwards about these bytes is not to be believed.
    status = Unavailable(FileError("sync", path(), errno).message());
    MutexLock lock(mu_);
    broken_ = status;
    return status;
  }
  MutexLock lock(mu_);
  bytes_ += static_cast<int64_t>(bytes.size());
  end_ = end;
  for (const v1::StoredRightsEntry& entry : written) Note(entry);
  return absl::OkStatus();
}

JournalPosition RightsJournal::position() const {
  MutexLock lock(mu_);
  return end_;
}

uint64_t RightsJournal::generation() const {
  MutexLock lock(mu_);
  return generation_;
}

bool RightsJournal::HasToken(const v1::StoredToken& token) const {
  const std::string bytes = token.SerializeAsString();
  MutexLock lock(mu_);
  const auto it = tokens_.find(token.token().name());
  return it != tokens_.end() && it->second == bytes;
}

int64_t RightsJournal::ErasedSince(absl::Time time) const {
  MutexLock lock(mu_);
  return std::count_if(erasures_.begin(), erasures_.end(),
                       [time](absl::Time at) { return at > time; });
}

absl::Status RightsJournal::Compact(
    absl::Time oldest,
    const std::function<bool(const v1::StoredRightsEntry&)>& gone) {
  return writes_.Exclusively([&] { return CompactNow(oldest, gone); });
}

absl::Status RightsJournal::CompactNow(
    absl::Time oldest,
    const std::function<bool(const v1::StoredRightsEntry&)>& gone) {
  MutexLock lock(mu_);
  if (!broken_.ok()) return broken_;
  auto contents = ReadJournal(folder_);
  if (!contents.ok()) return contents.status();
  const int64_t micros = absl::ToUnixMicros(oldest);
  auto& records = contents->records;
  // Those that were taken out have no time any more: they go with what follows.
  auto first = records.begin();
  for (auto it = records.begin(); it != records.end(); ++it) {
    if (!it->taken_out && it->entry.time_micros() >= micros) break;
    if (!it->taken_out) first = it + 1;
  }
  bool changed = first != records.begin();
  if (changed) {
    const JournalRecord& last = *(first - 1);
    contents->base.number = last.number;
    contents->base.chain = absl::BytesToHexString(last.chain);
    records.erase(records.begin(), first);
  }
  for (JournalRecord& record : records) {
    if (record.taken_out || record.entry.has_erased() || !gone(record.entry)) {
      continue;
    }
    TakeOut(record);
    changed = true;
  }
  if (!changed) return absl::OkStatus();
  const uint64_t generation = generation_;
  const std::string bytes = SerializeJournal(*contents);
  absl::Status written = WriteFileDurably(path(), bytes, kFileMode);
  if (!written.ok()) return written;
  contents->whole_bytes = static_cast<int64_t>(bytes.size());
  absl::Status loaded = Load(*contents);
  if (!loaded.ok()) broken_ = Unavailable(loaded.message());
  generation_ = std::max(generation_, generation);
  return loaded;
}

}  // namespace gradmatch
