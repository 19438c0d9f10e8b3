#include "index/data_snapshot/journal_file.h"

#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "index/base/strings.h"
#include "index/data_snapshot/sha256.h"
#include "index/file_system.h"

namespace gradmatch {
namespace {

constexpr char kMagic[] = "gradmatch-rights 1 ";
constexpr char kEntry = 'e';
constexpr char kTakenOut = 'h';
constexpr size_t kHashBytes = 32;
constexpr size_t kLineageBytes = 16;
constexpr size_t kLengthBytes = 4;
// What is kept of a graduate is some kilobytes at most.
constexpr uint32_t kMaxBytes = 1 << 20;

bool IsHex(const std::string& text, size_t bytes) {
  return text.size() == 2 * bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string HashOf(std::string_view bytes) {
  return absl::HexStringToBytes(Sha256Hex(bytes));
}

std::string ChainOf(std::string_view before_hex, std::string_view hash) {
  return HashOf(absl::StrCat(absl::HexStringToBytes(A(before_hex)), A(hash)));
}

std::string SerializeRecord(char kind, std::string_view bytes,
                            std::string_view chain) {
  std::string out;
  const auto size = static_cast<uint32_t>(bytes.size());
  for (int shift = 24; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(size >> shift));
  }
  out.push_back(kind);
  out.append(bytes);
  out.append(chain);
  return out;
}

absl::Status Damaged(int64_t number) {
  return absl::DataLossError(absl::StrCat(
      kRightsName, ": entry ", number,
      " is damaged; bring the file back from a copy, or move it away: "
      "snapshots made before then restore with --accept-missing-erasures "
      "only, so make a new one at once"));
}

// What is left of an append that a power cut ended: a part of it, or all of its
// length with zeros where nothing was written.
bool IsTorn(std::string_view rest) {
  if (rest.size() < kLengthBytes + 1 + kHashBytes) return true;
  const std::string_view end = rest.substr(rest.size() - kHashBytes);
  return end.find_first_not_of('\0') == std::string_view::npos;
}

// Takes records off the front of `rest`.
class Records {
 public:
  Records(std::string_view rest, JournalContents& contents)
      : rest_(rest), contents_(contents), end_(contents.base) {}

  absl::Status TakeAll() {
    while (!rest_.empty()) {
      const std::string_view before = rest_;
      JournalRecord record;
      if (TakeOne(record)) {
        contents_.whole_bytes += before.size() - rest_.size();
        contents_.records.push_back(std::move(record));
        continue;
      }
      return IsTorn(before) || cut_short_ ? absl::OkStatus()
                                          : Damaged(end_.number + 1);
    }
    return absl::OkStatus();
  }

 private:
  bool TakeOne(JournalRecord& record) {
    if (rest_.size() < kLengthBytes + 1) return false;
    uint32_t size = 0;
    for (size_t i = 0; i < kLengthBytes; ++i) {
      size = size << 8 | static_cast<unsigned char>(rest_[i]);
    }
    const char kind = rest_[kLengthBytes];
    if (size > kMaxBytes || (kind != kEntry && kind != kTakenOut)) return false;
    const size_t whole = kLengthBytes + 1 + size + kHashBytes;
    cut_short_ = rest_.size() < whole;
    if (cut_short_) return false;
    const std::string_view bytes = rest_.substr(kLengthBytes + 1, size);
    record.number = end_.number + 1;
    record.chain = rest_.substr(whole - kHashBytes, kHashBytes);
    record.taken_out = kind == kTakenOut;
    record.hash = record.taken_out ? std::string(bytes) : HashOf(bytes);
    if (!record.taken_out) record.bytes = bytes;
    const bool right =
        ChainOf(end_.chain, record.hash) == record.chain &&
        (record.taken_out ||
         (record.entry.ParseFromArray(bytes.data(), static_cast<int>(size)) &&
          record.entry.number() == record.number));
    if (!right) return false;
    end_.number = record.number;
    end_.chain = absl::BytesToHexString(record.chain);
    rest_.remove_prefix(whole);
    return true;
  }

  std::string_view rest_;
  JournalContents& contents_;
  JournalPosition end_;
  bool cut_short_ = false;
};

}  // namespace

JournalPosition JournalContents::end() const {
  if (records.empty()) return base;
  return {base.lineage, records.back().number,
          absl::BytesToHexString(records.back().chain)};
}

std::string SerializeJournal(const JournalContents& contents) {
  std::string out =
      absl::StrCat(kMagic, contents.base.lineage, " ", contents.base.number,
                   " ", contents.base.chain, "\n");
  for (const JournalRecord& record : contents.records) {
    out += record.taken_out
               ? SerializeRecord(kTakenOut, record.hash, record.chain)
               : SerializeRecord(kEntry, record.bytes, record.chain);
  }
  return out;
}

std::string AppendRecord(const v1::StoredRightsEntry& entry,
                         JournalPosition& end) {
  const std::string bytes = entry.SerializeAsString();
  const std::string chain = ChainOf(end.chain, HashOf(bytes));
  end.number = entry.number();
  end.chain = absl::BytesToHexString(chain);
  return SerializeRecord(kEntry, bytes, chain);
}

absl::StatusOr<JournalContents> ParseJournal(std::string_view bytes) {
  JournalContents contents;
  const size_t head = bytes.find('\n');
  if (!bytes.starts_with(kMagic) || head == std::string_view::npos) {
    return absl::DataLossError(absl::StrCat(
        kRightsName, ": the first line is not that of a journal of rights"));
  }
  const std::vector<std::string> parts =
      absl::StrSplit(A(bytes.substr(std::string_view(kMagic).size(),
                                    head - std::string_view(kMagic).size())),
                     ' ');
  if (parts.size() != 3 || !IsHex(parts[0], kLineageBytes) ||
      !absl::SimpleAtoi(parts[1], &contents.base.number) ||
      !IsHex(parts[2], kHashBytes)) {
    return absl::DataLossError(
        absl::StrCat(kRightsName, ": the first line is damaged"));
  }
  contents.base.lineage = parts[0];
  contents.base.chain = parts[2];
  contents.whole_bytes = static_cast<int64_t>(head + 1);
  absl::Status taken = Records(bytes.substr(head + 1), contents).TakeAll();
  if (!taken.ok()) return taken;
  return contents;
}

absl::StatusOr<JournalContents> ReadJournal(const std::string& folder) {
  const auto bytes = ReadFile(absl::StrCat(folder, "/", kRightsName));
  if (!bytes.ok()) return bytes.status();
  return ParseJournal(*bytes);
}

absl::Status CheckCovers(const JournalContents& journal,
                         const JournalPosition& position) {
  if (position.lineage.empty()) {
    return absl::FailedPreconditionError(
        "the snapshot was made without a journal of rights");
  }
  if (journal.base.lineage != position.lineage) {
    return absl::FailedPreconditionError(
        "it is not the journal that stood beside the snapshot when it was "
        "made, but one that was begun later");
  }
  JournalPosition at = journal.base;
  if (position.number > at.number && position.number <= journal.end().number) {
    const auto& record = journal.records[position.number - at.number - 1];
    at = {at.lineage, record.number, absl::BytesToHexString(record.chain)};
  }
  if (at == position) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "it has entries ", journal.base.number + 1, " to ", journal.end().number,
      ", and the snapshot was made at entry ", position.number,
      at.number == position.number ? " of another history" : ""));
}

void TakeOut(JournalRecord& record) {
  record.taken_out = true;
  record.entry.Clear();
  record.bytes.clear();
}

}  // namespace gradmatch
